"""One primitive, one system call: a session of the echo example makes the calls of careful C, call for call."""

import os
import re
import shutil
import subprocess
import tempfile
import unittest

from harness import BIN, Server

BY_HAND = os.environ.get("SOCKETS_BY_HAND", "")
TRACED = "%network,close,fcntl,ioctl,poll,ppoll,select,pselect6,epoll_create1,epoll_ctl,epoll_wait"


def traced(log, program, *arguments):
    return ["strace", "-f", "-o", log, "-e", "trace=" + TRACED, program, *arguments]


def calls(log):
    """The calls in their order, from the first socket() on, without what differs from run to run."""
    with open(log) as file:
        lines = [line.split(None, 1)[1].strip() for line in file if " = " in line]
    start = next((i for i, line in enumerate(lines) if line.startswith("socket(")), len(lines))
    text = "\n".join(line for line in lines[start:] if not line.startswith("ioctl(1,"))  # the screen's
    text = re.sub(r"htons\(\d+\)", "htons(PORT)", text)
    return re.sub(r"\) += ", ") = ", text).split("\n")


def session(folder):
    """What the server and the client called while one client came, was answered and went."""
    with tempfile.TemporaryDirectory() as directory:
        server_log = os.path.join(directory, "server")
        client_log = os.path.join(directory, "client")
        with Server(command=traced(server_log, os.path.join(folder, "echo_server"), "127.0.0.1", "0")) as server:
            client = traced(client_log, os.path.join(folder, "echo_client"), "127.0.0.1", str(server.port))
            subprocess.run(client, check=True, timeout=20, stdout=subprocess.DEVNULL)
            server.wait_until(lambda: any(line.startswith("close(4)") for line in calls(server_log)))
            server_calls = calls(server_log)
        last = next(i for i, line in enumerate(server_calls) if line.startswith("close(4)"))
        return server_calls[: last + 1], calls(client_log)


@unittest.skipUnless(shutil.which("strace") and os.path.isdir(BY_HAND), "needs strace and the programs by hand")
class SystemCalls(unittest.TestCase):
    def test_echo_makes_the_calls_of_careful_c(self):
        server, client = session(BIN)
        server_by_hand, client_by_hand = session(BY_HAND)
        print("\nserver:", *server, "client:", *client, sep="\n  ")
        self.assertEqual(server, server_by_hand)
        self.assertEqual(client, client_by_hand)


if __name__ == "__main__":
    unittest.main()
