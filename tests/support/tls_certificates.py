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
        self.revoked = self.folder / "revocations.pem"
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30",
                "-subj", "/CN=Vedette test authority", "-keyout", str(self.key), "-out", str(self.certificate))

    def sign(self, domain, name=None, ends=None, names=None):
        """(chain, key) of a certificate for a SIP domain (RFC 5922 §7.1), in files called after `name`. `ends`: a time
        in place of in ten days, as "20200101000000Z". `names`: what stands in subjectAltName instead."""
        chain, key = (self.folder / f"{name or domain}.{kind}" for kind in ("pem", "key"))
        names = names or f"DNS:{domain},URI:sip:{domain}"
        request, extensions = self.folder / f"{domain}.csr", self.folder / f"{domain}.ext"
        extensions.write_text(f"subjectAltName={names}\nextendedKeyUsage=serverAuth,clientAuth\n")
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={domain}",
                "-keyout", str(key), "-out", str(request))
        if ends:
            self.office("-batch", "-in", str(request), "-startdate", "20190101000000Z", "-enddate", ends, "-extfile",
                        str(extensions), "-notext", "-out", str(chain), "-create_serial")
        else:
            openssl("x509", "-req", "-in", str(request), "-CA", str(self.certificate), "-CAkey", str(self.key),
                    "-CAcreateserial", "-days", "10", "-extfile", str(extensions), "-out", str(chain))
        return chain, key

    def sign_itself(self, domain, name):
        """(chain, key) of a certificate that no authority has signed."""
        chain, key = (self.folder / f"{name}.{kind}" for kind in ("pem", "key"))
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "10",
                "-subj", f"/CN={domain}", "-addext", f"subjectAltName=URI:sip:{domain}", "-keyout", str(key),
                "-out", str(chain))
        return chain, key

    def office(self, *arguments):
        """`openssl ca`, which keeps a book of what it has signed and revoked."""
        configuration, book = self.folder / "office.cnf", self.folder / "office.txt"
        configuration.write_text(
            f"[ca]\ndefault_ca = office\n[office]\ndatabase = {book}\nnew_certs_dir = {self.folder}\n"
            f"certificate = {self.certificate}\nprivate_key = {self.key}\nserial = {self.folder}/office.srl\n"
            "unique_subject = no\ndefault_md = sha256\ndefault_days = 10\n"
            "default_crl_days = 10\npolicy = any\n[any]\ncommonName = supplied\n")
        book.touch()
        openssl("ca", "-config", str(configuration), *arguments)

    def revoke(self, *chains):
        """Puts them, if any, on its list of what is revoked, which it writes."""
        for chain in chains:
            self.office("-revoke", str(chain))
        self.office("-gencrl", "-out", str(self.revoked))
