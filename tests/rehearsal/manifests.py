"""What an overlay renders to, and what a pod of it would be given: environment, files, mounts."""

import base64
import subprocess

import yaml


def render(overlay):
    """The objects of an overlay, as kubectl would apply them."""
    return load(subprocess.run(["kubectl", "kustomize", str(overlay)], check=True, capture_output=True, text=True).stdout)


def load(text):
    return [o for o in yaml.safe_load_all(text) if o]


def stand_ins(overlay):
    """Redis and PostgreSQL of another overlay, in the namespace where a cluster that has its own keeps them."""
    found = [o for o in render(overlay) if o["kind"] in ("Deployment", "StatefulSet", "Service") and
             o["metadata"]["name"] in ("redis", "postgresql")]
    for o in found:
        o["metadata"]["namespace"] = "databases"
    return found + [o for o in render(overlay) if o["metadata"]["name"].startswith("posthouse-schema")]


class Manifests:
    """All objects, by kind and name."""

    def __init__(self, objects):
        self.objects = objects

    def of_kind(self, kind):
        return [o for o in self.objects if o["kind"] == kind]

    def get(self, kind, name):
        return next(o for o in self.of_kind(kind) if o["metadata"]["name"] == name)

    def replicas(self, workload):
        """As said, or where an autoscaler decides, its least."""
        if "replicas" in workload["spec"]:
            return workload["spec"]["replicas"]
        name = workload["metadata"]["name"]
        return next((h["spec"]["minReplicas"] for h in self.of_kind("HorizontalPodAutoscaler")
                     if h["spec"]["scaleTargetRef"]["name"] == name), 1)

    def files(self, volume):
        """The files of a Secret's or a ConfigMap's volume, as bytes."""
        if "secret" in volume:
            data = self.get("Secret", volume["secret"]["secretName"])["data"]
            return {name: base64.b64decode(value) for name, value in data.items()}
        data = self.get("ConfigMap", volume["configMap"]["name"])["data"]
        return {name: value.encode() for name, value in data.items()}

    def environment(self, container, pod_name, address):
        """A container's variables. Later ones win, as in a cluster."""
        variables = {}
        for source in container.get("envFrom", []):
            variables.update(self.get("ConfigMap", source["configMapRef"]["name"])["data"])
        fields = {"metadata.name": pod_name, "status.podIP": address}
        for entry in container.get("env", []):
            source = entry.get("valueFrom", {})
            if "fieldRef" in source:
                value = fields[source["fieldRef"]["fieldPath"]]
            elif "secretKeyRef" in source:
                key = source["secretKeyRef"]
                value = base64.b64decode(self.get("Secret", key["name"])["data"][key["key"]]).decode()
            else:
                value = entry["value"]
            variables[entry["name"]] = value
        return variables


def selects(selector, labels):
    """Does a label selector fit? The empty one fits everything."""
    for name, value in (selector.get("matchLabels") or {}).items():
        if labels.get(name) != value:
            return False
    for rule in selector.get("matchExpressions") or []:
        inside = labels.get(rule["key"]) in rule.get("values", [])
        fits = {"In": inside, "NotIn": not inside, "Exists": rule["key"] in labels,
                "DoesNotExist": rule["key"] not in labels}[rule["operator"]]
        if not fits:
            return False
    return True


def port_number(container, port):
    """A port by number or by the name that the container gives it."""
    if isinstance(port, int):
        return port
    return next(p["containerPort"] for p in container["ports"] if p.get("name") == port)
