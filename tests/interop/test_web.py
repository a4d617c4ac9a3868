"""Lesson 12: web pages. Ours with curl, nginx and Python; requests that are none, paths that lead out, and slow clients."""

import http.server
import os
import re
import shutil
import socket
import subprocess
import tempfile
import threading
import unittest
from pathlib import Path

from harness import PATIENCE, WINE, Server, Serving, connect, program, run

GET = b"GET /a.txt HTTP/1.1\r\nHost: x\r\n"
BAD = {  # what is sent: the status
    b"\r\n\r\n\r\n": 400, b"GET\r\n\r\n": 400, b"GET /\r\n\r\n": 400, b"GET  / HTTP/1.1\r\nHost: x\r\n\r\n": 400,
    b"GET / HTTP/1.1 \r\nHost: x\r\n\r\n": 400, b"G@T / HTTP/1.1\r\nHost: x\r\n\r\n": 400, b"GET a.txt HTTP/1.1\r\nHost: x\r\n\r\n": 400,
    b"GET * HTTP/1.1\r\nHost: x\r\n\r\n": 400, b"GET /a%2 HTTP/1.1\r\nHost: x\r\n\r\n": 400, b"GET /a%zz HTTP/1.1\r\nHost: x\r\n\r\n": 400,
    b"GET /%00 HTTP/1.1\r\nHost: x\r\n\r\n": 400, b"GET /a\tb HTTP/1.1\r\nHost: x\r\n\r\n": 400, b"GET / http/1.1\r\nHost: x\r\n\r\n": 400,
    b"GET / HTTP/11\r\nHost: x\r\n\r\n": 400, b"GET / HTTP/2.0\r\nHost: x\r\n\r\n": 505, b"GET / HTTP/0.9\r\nHost: x\r\n\r\n": 505,
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n": 505, b"GET / HTTP/1.1\r\n\r\n": 400, b"GET / HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n": 400,
    b"GET / HTTP/1.1\r\nHost: x/y\r\n\r\n": 400, b"GET / HTTP/1.1\r\nHost : x\r\n\r\n": 400, b"GET / HTTP/1.1\r\n Host: x\r\n\r\n": 400,
    b"GET / HTTP/1.1\r\nHost: x\r\n folded\r\n\r\n": 400, b"GET / HTTP/1.1\r\nHost: x\r\nno colon\r\n\r\n": 400,
    b"GET / HTTP/1.1\r\nHost: x\r\nA: b\x01c\r\n\r\n": 400, b"GET / HTTP/1.1\r\nHost: x\r\n: empty\r\n\r\n": 400,
    b"POST / HTTP/1.1\r\nHost: x\r\n\r\n": 405, b"PUT /a.txt HTTP/1.1\r\nHost: x\r\n\r\n": 405, b"DELETE / HTTP/1.1\r\nHost: x\r\n\r\n": 405,
    b"OPTIONS / HTTP/1.1\r\nHost: x\r\n\r\n": 405, b"BREW / HTTP/1.1\r\nHost: x\r\n\r\n": 501, b"get / HTTP/1.1\r\nHost: x\r\n\r\n": 501,
    b"GET /" + b"x" * 9000 + b" HTTP/1.1\r\nHost: x\r\n\r\n": 414, b"x" * 9000: 414, GET + b"A: " + b"x" * 20000: 431,
    GET + b"A: b\r\n" * 4000 + b"\r\n": 431, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03": None, b"\x00" * 100 + b"\r\n\r\n": 400,
}
SMUGGLED = [
    GET + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello", GET + b"Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
    GET + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", GET + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    GET + b"Transfer-Encoding: xchunked\r\n\r\n", GET + b"Content-Length : 5\r\n\r\nhello", GET + b"Content-Length: +5\r\n\r\nhello",
    GET + b"Content-Length: 5, 5\r\n\r\nhello", GET + b"Content-Length: 0x5\r\n\r\n", GET + b"A: b\rContent-Length: 5\r\n\r\nhello",
    GET + b"A: b\nContent-Length: 5\r\n\r\nhello", b"GET /a.txt HTTP/1.1\nHost: x\n\n", GET + b"\n", GET.replace(b"\r\nHost", b"\rHost"),
    GET + b"A: b\0c\r\n\r\n", GET + b"Transfer-Encoding\x0b: chunked\r\n\r\n",
]
OUT = ["/../secret", "/..%2fsecret", "/%2e%2e/secret", "/sub/../../secret", "/..", "/%2e%2e", "/sub/..%2f..%2fsecret", "/..\\secret",
       "/..%5csecret", "/link", "/linked/secret", "/.hidden", "/%2ehidden", "//../secret", "/./../secret", "/a.txt/../../secret",
       "/C:/x", "/a.txt::$DATA", "/....//secret", "/%252e%252e/secret", "/sub//..//..//secret", "/\xc0\xae\xc0\xae/secret", "/pipe"]


class Web(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.home = tempfile.TemporaryDirectory()
        root = Path(cls.home.name)
        cls.folder = root / "www"
        (cls.folder / "sub").mkdir(parents=True)
        (root / "secret").write_text("secret")
        (cls.folder / "a.txt").write_text("hola\n")
        (cls.folder / "ñ ú.html").write_text("<p>¿qué tal?")
        (cls.folder / "index.html").write_text("<h1>inicio</h1>")
        (cls.folder / ".hidden").write_text("secret")
        (cls.folder / "sub" / "index.html").write_text("<h1>sub</h1>")
        (cls.folder / "empty").mkdir()
        (cls.folder / "big.bin").write_bytes(os.urandom(5_000_000))
        (cls.folder / "zero").write_bytes(b"")
        if os.name == "posix":
            (cls.folder / "link").symlink_to(root / "secret")
            (cls.folder / "linked").symlink_to(root)
            (cls.folder / "trap").mkdir()
            (cls.folder / "trap" / "index.html").symlink_to(root / "secret")
            os.mkfifo(cls.folder / "pipe")

    @classmethod
    def tearDownClass(cls):
        cls.home.cleanup()

    def setUp(self):
        self.server = Server("web_server", "127.0.0.1", 0, self.folder, "--patience", 2)
        self.addCleanup(self.server.stop)

    def ask(self, data):
        """Everything that comes until the end."""
        with connect(self.server.port) as client:
            try:
                client.sendall(data)
            except OSError:  # it has heard enough
                pass
            parts = []
            while piece := client.recv(65536):
                parts.append(piece)
            return b"".join(parts)

    def get(self, path, more=b"Connection: close\r\n", method=b"GET"):
        return self.ask(method + b" " + path.encode() + b" HTTP/1.1\r\nHost: x\r\n" + more + b"\r\n")

    def test_files_their_types_and_heads(self):
        for path, kind, name in (("/a.txt", "text/plain", "a.txt"), ("/", "text/html", "index.html"), ("/sub/", "text/html", "sub/index.html"),
                                 ("/%C3%B1%20%C3%BA.html?x=1", "text/html", "ñ ú.html"), ("/big.bin", "application/octet-stream", "big.bin"),
                                 ("/zero", "application/octet-stream", "zero"), ("http://x/a.txt", "text/plain", "a.txt")):
            head, _, body = self.get(path).partition(b"\r\n\r\n")
            self.assertTrue(head.startswith(b"HTTP/1.1 200 OK\r\n"), head)
            self.assertIn(f"Content-Type: {kind}".encode(), head)
            self.assertEqual(body, (self.folder / name).read_bytes())
            self.assertIn(f"Content-Length: {len(body)}\r\n".encode(), head)
            alone = self.get(path, method=b"HEAD")
            self.assertEqual(re.sub(rb"Date: .*\r", b"", alone), re.sub(rb"Date: .*\r", b"", head) + b"\r\n\r\n")

    def test_a_folder_without_its_slash_is_elsewhere(self):
        answer = self.get("/sub")
        self.assertTrue(answer.startswith(b"HTTP/1.1 301 "), answer)
        self.assertIn(b"Location: /sub/\r\n", answer)
        self.assertNotIn(b"Location: //", self.get("//sub"))
        self.assertTrue(self.get("/empty/").startswith(b"HTTP/1.1 404 "))

    def test_requests_that_are_none(self):
        for data, status in BAD.items():
            answer = self.ask(data)
            if status is None:  # no line yet: it waits, and gives up
                status = 408
            self.assertEqual(answer.split(b" ")[1:2], [str(status).encode()], data[:80])
            self.assertIn(b"Connection: close\r\n", answer)
        self.assertIn(b"Allow: GET, HEAD\r\n", self.ask(b"POST / HTTP/1.1\r\nHost: x\r\n\r\n"))

    def test_nothing_is_smuggled(self):
        for data in SMUGGLED:
            answer = self.ask(data + b"GET /big.bin HTTP/1.1\r\nHost: x\r\n\r\n")
            self.assertRegex(answer[:12], rb"HTTP/1.1 (400|501)", data)
            self.assertEqual(answer.count(b"HTTP/1.1 "), 1, data)
        self.assertTrue(self.ask(GET + b"Content-Length: 5\r\n\r\na\nb\rc").startswith(b"HTTP/1.1 200"))  # a body may hold anything
        both = self.ask(GET + b"\r\n" + b"GET / HTTP/1.1\nHost: x\n\n")
        self.assertEqual([both[:12], both.count(b"HTTP/1.1 "), both.count(b"HTTP/1.1 400")], [b"HTTP/1.1 200", 2, 1])
        answer = self.ask(GET + b"Content-Length: 35\r\n\r\nGET /sub/ HTTP/1.1\r\nHost: x\r\n\r\n....")  # a body, and not read
        self.assertEqual(answer.count(b"HTTP/1.1 "), 1)

    def test_no_path_leads_out(self):
        for path in OUT + ["/trap/", "/trap/index.html"]:
            if WINE and ("link" in path or "trap" in path or path == "/pipe"):
                continue  # MinGW's library does not know links
            answer = self.ask(b"GET " + path.encode("latin-1") + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            self.assertRegex(answer[:12], rb"HTTP/1.1 40[04]", path)
            self.assertNotIn(b"secret", answer)

    def test_one_connection_for_many_requests(self):
        keep = GET + b"\r\n"
        answer = self.ask(keep * 3 + b"HEAD /big.bin HTTP/1.1\r\nHost: x\r\n\r\n" + b"GET /a.txt HTTP/1.0\r\n\r\n" + keep)
        self.assertEqual(answer.count(b"HTTP/1.1 200 OK"), 5)  # HTTP/1.0 ends it
        with connect(self.server.port) as client:
            for byte in keep * 2:
                client.sendall(bytes([byte]))
            seen = b""
            while seen.count(b"hola\n") < 2:
                seen += client.recv(1000)

    def test_who_is_slow_is_told_and_disturbs_nobody(self):
        slow = [connect(self.server.port) for _ in range(200)]
        for number, client in enumerate(slow):
            self.addCleanup(client.close)
            client.sendall(GET[: number % len(GET)])
        deaf = connect(self.server.port)
        self.addCleanup(deaf.close)
        deaf.sendall(b"GET /big.bin HTTP/1.1\r\nHost: x\r\n\r\n" * 3)
        for _ in range(50):
            self.assertTrue(self.get("/a.txt").endswith(b"\r\n\r\nhola\n"))
        for number, client in enumerate(slow):
            data = b""
            while piece := client.recv(1000):
                data += piece
            self.assertEqual(data[:12], b"HTTP/1.1 408" if number % len(GET) else b"", number)

    @unittest.skipUnless(not WINE and os.path.exists("/proc/self/status"), "measures memory with Linux' /proc")
    def test_many_connections_at_once_take_little(self):
        def memory():
            with open(f"/proc/{self.server.process.pid}/status", encoding="ascii") as status:
                return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))

        before, count = memory(), 900  # of 1024 handles
        clients = [connect(self.server.port) for _ in range(count)]
        for client in clients:
            client.sendall(GET + b"\r\n")
        for client in clients:
            self.assertIn(b"200 OK", client.recv(1000))
        print(f"{count} connections: {memory() - before} KiB more")
        if not os.environ.get("SOCKETS_SANITIZE"):
            self.assertLess(memory() - before, 30_000)
        for client in clients:
            client.close()

    @unittest.skipIf(WINE or os.name != "posix" or os.environ.get("SOCKETS_SANITIZE"), "limits handles; sanitizers need some themselves")
    def test_without_handles_who_is_in_is_served_and_later_the_others(self):
        import resource

        resource.prlimit(self.server.process.pid, resource.RLIMIT_NOFILE, (40, 40))
        clients = [connect(self.server.port) for _ in range(60)]
        for client in clients:
            client.sendall(GET + b"Connection: close\r\n\r\n")
        for client in clients:  # each that leaves lets another one in
            with client:
                self.assertRegex(client.recv(1000), b"200 OK|404")
        self.assertTrue(self.server.runs())

    @unittest.skipIf(WINE or os.name != "posix" or os.environ.get("SOCKETS_SANITIZE"), "limits handles")
    def test_who_comes_while_there_is_no_handle_at_all_is_served_later(self):
        import resource

        handles = len(os.listdir(f"/proc/{self.server.process.pid}/fd"))
        resource.prlimit(self.server.process.pid, resource.RLIMIT_NOFILE, (handles, 1024))
        with connect(self.server.port) as client:
            client.sendall(GET + b"\r\n")
            self.server.wait_for("Too many open files", self.server.errors)
            resource.prlimit(self.server.process.pid, resource.RLIMIT_NOFILE, (1024, 1024))
            self.assertIn(b"200 OK", client.recv(1000))  # though nobody has left

    @unittest.skipUnless(shutil.which("curl"), "no curl")
    def test_curl_with_our_server(self):
        url = f"http://127.0.0.1:{self.server.port}"
        done = subprocess.run(["curl", "-sL", f"{url}/sub", f"{url}/a.txt", f"{url}/big.bin"], capture_output=True, timeout=PATIENCE, check=True)
        self.assertEqual(done.stdout, b"<h1>sub</h1>hola\n" + (self.folder / "big.bin").read_bytes())
        path = subprocess.run(["curl", "-s", "--path-as-is", "-w", "%{http_code}", f"{url}/../secret"], capture_output=True, timeout=PATIENCE, check=True)
        self.assertTrue(path.stdout.endswith(b"404"))

    def test_our_client_with_our_server_and_with_pythons(self):
        class Handler(http.server.SimpleHTTPRequestHandler):
            def __init__(self, *words):
                super().__init__(*words, directory=folder)

            def log_message(self, *_):
                pass

        folder = self.folder
        with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as theirs:
            threading.Thread(target=theirs.serve_forever, daemon=True).start()
            for port in (self.server.port, theirs.server_address[1]):
                done = subprocess.run([program("web_client"), f"http://127.0.0.1:{port}/big.bin"], capture_output=True,
                                      timeout=PATIENCE, check=False)
                self.assertEqual((done.returncode, done.stdout), (0, (self.folder / "big.bin").read_bytes()))
                status, output, errors = run("web_client", f"http://127.0.0.1:{port}/sub")
                self.assertEqual(status, 1)
                self.assertIn("301: la página está en /sub/", errors)
                self.assertEqual(run("web_client", f"http://127.0.0.1:{port}/none")[0], 1)
            theirs.shutdown()

    @unittest.skipUnless(shutil.which("nginx"), "no nginx")
    def test_our_client_with_nginx(self):
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        with tempfile.TemporaryDirectory() as place:
            os.chmod(place, 0o755)
            os.chmod(self.home.name, 0o755)
            config = Path(place) / "nginx.conf"
            config.write_text(f"daemon off; pid {place}/pid; error_log stderr; events {{}} http {{ access_log off; client_body_temp_path {place}/b; "
                              f"proxy_temp_path {place}/p; fastcgi_temp_path {place}/f; uwsgi_temp_path {place}/u; scgi_temp_path {place}/s; "
                              f"server {{ listen 127.0.0.1:{port}; root {self.folder}; }} }}")
            with subprocess.Popen(["nginx", "-c", str(config)], stderr=subprocess.DEVNULL) as nginx:
                try:
                    self.server.wait_until(lambda: run("web_client", f"http://127.0.0.1:{port}/a.txt")[:2] == (0, "hola\n"))
                finally:
                    nginx.terminate()

    def test_chunks_and_answers_that_are_none(self):
        head = b"HTTP/1.1 200 OK\r\n"
        answers = [
            (head + b"Transfer-Encoding: chunked\r\n\r\n4\r\nhola\r\n1;a=b\r\n!\r\n0\r\nX: y\r\n\r\n", 0, "hola!"),
            (b"HTTP/1.1 100 Continue\r\n\r\n" + head + b"Content-Length: 4\r\n\r\nhola", 0, "hola"), (head + b"\r\nhola", 0, "hola"),
            (b"HTTP/1.0 200\r\n\r\nhola", 0, "hola"), (b"HTTP/1.1 204 No Content\r\n\r\n", 0, ""), (head + b"Content-Length: 9\r\n\r\nhola", 1, "hola"),
            (head + b"Content-Length: x\r\n\r\n", 1, ""), (head + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", 1, ""),
            (head + b"Transfer-Encoding: chunked\r\n\r\n4\r\nholaXX0\r\n\r\n", 1, "hola"), (b"SSH-2.0-OpenSSH\r\n", 1, ""), (b"", 1, ""),
            (head + b"A: " + b"x" * 20000, 1, ""), (head + b"Content-Length: 4\r\nContent-Length: 5\r\n\r\nhola", 1, ""),
        ]
        for answer, expected, text in answers:
            def handle(connection, answer=answer):
                while b"\r\n\r\n" not in connection.recv(1000):
                    pass
                connection.sendall(answer)

            with Serving(handle) as server:
                status, output, errors = run("web_client", f"http://127.0.0.1:{server.port}/")
                self.assertEqual((status, output), (expected, text), (answer, errors))
                self.assertEqual(len(errors.splitlines()), expected)

    def test_bad_words_are_refused(self):
        for url in ("https://x/", "x", "http://", "http://127.0.0.1:99999/", "http://127.0.0.1:/", "http://[::1/", "http://a b/"):
            status, _, errors = run("web_client", url)
            self.assertEqual((status, len(errors.splitlines())), (1, 1), url)
        self.assertEqual(run("web_client")[0], 2)
        self.assertEqual(run("web_server", "127.0.0.1", 0, self.folder / "none")[0], 1)


if __name__ == "__main__":
    unittest.main()
