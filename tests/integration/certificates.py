"""An authority and its certificates, by openssl(1), for tests."""

import subprocess


def openssl(*arguments, **how):
    return subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True, **how).stdout


class Authority:
    """`folder`/ca.pem vouches for what it issues."""

    def __init__(self, folder):
        self.folder, self.serial = folder, 1000
        self.pem, self.key = folder / "ca.pem", folder / "ca.key"
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", 30,
                "-subj", "/CN=Test Authority", "-addext", "keyUsage=critical,keyCertSign,cRLSign,digitalSignature",
                "-keyout", self.key, "-out", self.pem)

    def issue(self, name, subject=None, alternative=None, usage="serverAuth", days=90):
        """A file with certificate and key; `name` is what the file and, as a rule, the host are called."""
        self.serial += 1
        pem, key, request, more = (self.folder / f"{name}{end}" for end in (".pem", ".k", ".csr", ".ext"))
        alternative = f"DNS:{name}" if alternative is None else alternative
        more.write_text((f"subjectAltName={alternative}\n" if alternative else "")
                        + f"extendedKeyUsage={usage}\nbasicConstraints=CA:FALSE\nkeyUsage=digitalSignature\n"
                        "authorityInfoAccess=OCSP;URI:http://ocsp.example.test/\n")
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                "-subj", subject or f"/CN={name}", "-keyout", key, "-out", request)
        certificate = openssl("x509", "-req", "-in", request, "-CA", self.pem, "-CAkey", self.key,
                              "-set_serial", self.serial, "-days", days, "-extfile", more)
        pem.write_bytes(certificate + key.read_bytes())
        pem.chmod(0o600)
        return pem

    def ocsp(self, pem, status="good", answer=None):
        """Write what this authority says of a certificate beside it."""
        index = self.folder / "index.txt"
        serial = openssl("x509", "-in", pem, "-noout", "-serial").decode().strip().split("=")[1]
        end = "350101000000Z"
        index.write_text(f"V\t{end}\t\t{serial}\tunknown\t/CN=x\n" if status == "good"
                         else f"R\t{end}\t250101000000Z\t{serial}\tunknown\t/CN=x\n")
        answer = answer or pem.with_name(pem.name + ".ocsp")
        request = self.folder / "ocsp.req"
        openssl("ocsp", "-issuer", self.pem, "-cert", pem, "-reqout", request)
        openssl("ocsp", "-index", index, "-CA", self.pem, "-rsigner", self.pem, "-rkey", self.key,
                "-reqin", request, "-respout", answer, "-ndays", 2)
        return answer
