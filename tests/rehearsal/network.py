"""The cluster's network, on the machine that all pods run on: addresses, Services, NetworkPolicies.

Each pod has a cable to the machine and a route to nowhere else, so that whatever it says to another pod passes the
machine's forwarding, where nftables stands for kube-proxy (Services) and for the network plugin (policies). All of this is in
network namespaces made for the occasion; nothing reaches the machine's own network.
"""

import subprocess

from manifests import port_number, selects

GATEWAY = "169.254.1.1"
LOAD_BALANCER = "192.0.2.10"


def run(*argv, **options):
    return subprocess.run([str(a) for a in argv], check=True, stdin=options.pop("stdin", subprocess.DEVNULL), **options)


def set_up():
    """Once, in the namespace that plays the machine."""
    run("ip", "link", "set", "lo", "up")
    run("ip", "address", "add", GATEWAY + "/32", "dev", "lo")
    with open("/proc/sys/net/ipv4/ip_forward", "w", encoding="ascii") as f:
        f.write("1")


def connect(number, address, pid):
    """A cable from the machine to the network namespace of process `pid`, where it is eth0."""
    ours, theirs = f"pod{number}", f"eth{number}"
    # A pod that is started again has a new namespace and keeps its address.
    subprocess.run(["ip", "link", "delete", ours], check=False, stderr=subprocess.DEVNULL)
    run("ip", "link", "add", ours, "type", "veth", "peer", "name", theirs)
    run("ip", "link", "set", theirs, "netns", pid)
    run("nsenter", "-t", pid, "-n", "ip", "link", "set", theirs, "name", "eth0")
    run("ip", "link", "set", ours, "up")
    run("ip", "route", "replace", address + "/32", "dev", ours, "src", GATEWAY)


def disconnect(number):
    subprocess.run(["ip", "link", "delete", f"pod{number}"], check=False, stderr=subprocess.DEVNULL)


def endpoints(service, pods):
    """The pods that a Service leads to: ready and not about to end, unless it wants all of them."""
    selector = service["spec"].get("selector")
    mine = [p for p in pods if selector and p.namespace == service["metadata"]["namespace"] and
            selects({"matchLabels": selector}, p.labels) and not p.gone]
    if service["spec"].get("publishNotReadyAddresses"):
        return mine
    return [p for p in mine if p.ready and not p.ending]


def service_rules(services, addresses, pods):
    """kube-proxy: an address of a Service becomes that of one of its pods. Three lists of rules."""
    jumps, refusals, chains = [], [], []
    for index, service in enumerate(services):
        name = service["metadata"]["name"]
        if service["spec"].get("clusterIP") == "None":
            continue
        outside = f", {LOAD_BALANCER}" if service["spec"].get("type") in ("LoadBalancer", "NodePort") else ""
        there = f"ip daddr {{ {addresses[name]}{outside} }}"
        ready = endpoints(service, pods)
        for port in service["spec"]["ports"]:
            match = f"{there} tcp dport {port['port']}"
            if not ready:
                refusals.append(f"{match} reject with tcp reset")
                continue
            chain = f"service{index}_{port['port']}"
            choices = []
            for number, pod in enumerate(ready):
                target = port_number(pod.container, port.get("targetPort", port["port"]))
                chains.append(f"chain {chain}_{number} {{ meta l4proto tcp dnat to {pod.address}:{target}; }}")
                choices.append(f"{number} : goto {chain}_{number}")
            chains.append(f"chain {chain} {{ numgen random mod {len(ready)} vmap {{ {', '.join(choices)} }}; }}")
            jumps.append(f"{match} goto {chain}")
    return jumps, refusals, chains


def peers(rule_peers, namespace, pods):
    """The addresses a policy's `from` or `to` means."""
    found = []
    for peer in rule_peers:
        for pod in pods:
            if "namespaceSelector" in peer:
                if not selects(peer["namespaceSelector"], {"kubernetes.io/metadata.name": pod.namespace}):
                    continue
            elif pod.namespace != namespace:
                continue
            if selects(peer.get("podSelector", {}), pod.labels):
                found.append(pod.address)
    return found


def allowances(policy, direction, ours, theirs, pods):
    """One policy's rules in a direction, for the pods that it selects."""
    rules = []
    for rule in policy["spec"].get(direction) or []:
        where = ""
        if direction_peers := rule.get("from" if direction == "ingress" else "to"):
            addresses = peers(direction_peers, policy["metadata"]["namespace"], pods)
            if not addresses:
                continue
            where = f" ip {theirs} {{ {', '.join(addresses)} }}"
        for port in rule.get("ports") or [None]:
            to_port = f" {port.get('protocol', 'TCP').lower()} dport {port['port']}" if port else ""
            rules.append(f"ip {ours} {{ %s }}{where}{to_port} return")
    return rules


def policy_chain(name, direction, policies, pods):
    """The network plugin: what a pod that any policy selects may not do unless one of them says so."""
    ours, theirs = ("daddr", "saddr") if direction == "ingress" else ("saddr", "daddr")
    rules, isolated = [], set()
    for policy in policies:
        spec = policy["spec"]
        if direction.capitalize() not in spec["policyTypes"]:
            continue
        mine = [p.address for p in pods if p.namespace == policy["metadata"]["namespace"] and
                selects(spec["podSelector"], p.labels)]
        if mine:
            isolated.update(mine)
            rules += [r % ", ".join(mine) for r in allowances(policy, direction, ours, theirs, pods)]
    if isolated:
        rules.append(f"ip {ours} {{ {', '.join(sorted(isolated))} }} counter name refused drop")
    return f"chain {name} {{ {'; '.join(rules)}{';' if rules else ''} }}"


def ruleset(services, addresses, policies, pods):
    """All of it, for `nft -f`: replaced in one go."""
    living = [p for p in pods if not p.gone]
    jumps, refusals, chains = service_rules(services, addresses, living)
    newline = "\n"
    return f"""
table ip rehearsal {{}}
flush table ip rehearsal
delete table ip rehearsal
table ip rehearsal {{
counter refused {{ }}
{newline.join(chains)}
{policy_chain("leaving", "egress", policies, living)}
{policy_chain("coming", "ingress", policies, living)}
chain services {{ type nat hook prerouting priority dstnat; {'; '.join(jumps)}{';' if jumps else ''} }}
chain refusals {{ type filter hook forward priority -10; {'; '.join(refusals)}{';' if refusals else ''} }}
chain policies {{ type filter hook forward priority 0; ct state established,related accept; jump leaving; jump coming; }}
}}
"""


def apply(text):
    run("nft", "-f", "-", stdin=None, input=text, text=True)
