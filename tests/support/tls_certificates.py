# Certificates for tests, made by the openssl command: an authority, and one for each SIP domain that it signed.
# Here: making the files. Not here: who shows them to whom. Called from the main thread.
import pathlib
import subprocess


def openssl(*arguments, text=None):
    done = subprocess.run(["openssl", *arguments], input=text, capture_output=True, text=True, check=False)
    if done.returncode:
        raise OSError(f"openssl {' '.join(arguments)}: {done.stderr}")
    return done.stdout


class Authority:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.certificate = self.folder / "authority.pem"
        self.key = self.folder / "authority.key"
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30",
                "-subj", "/CN=Vedette test authority", "-keyout", str(self.key), "-out", str(self.certificate))

    def sign(self, domain, name=None):
        """(chain, key) of a certificate for a SIP domain (RFC 5922 §7.1), in files called after `name`."""
        chain, key = (self.folder / f"{name or domain}.{kind}" for kind in ("pem", "key"))
        request, extensions = self.folder / f"{domain}.csr", self.folder / f"{domain}.ext"
        extensions.write_text(f"subjectAltName=DNS:{domain},URI:sip:{domain}\nextendedKeyUsage=serverAuth,clientAuth\n")
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={domain}",
                "-keyout", str(key), "-out", str(request))
        openssl("x509", "-req", "-in", str(request), "-CA", str(self.certificate), "-CAkey", str(self.key),
                "-CAcreateserial", "-days", "10", "-extfile", str(extensions), "-out", str(chain))
        return chain, key
