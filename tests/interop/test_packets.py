"""The lab of document 000: what passes between two computers, looked at with tshark, and whether the guide's capture and
its pictures show it."""

import os
import subprocess
import sys
import tempfile
import unittest

from harness import BIN, PATIENCE

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
TOOLS = os.path.join(ROOT, "docs", "tools")
sys.path.insert(0, TOOLS)

import capture as recorder  # noqa: E402
import packets  # noqa: E402

CAPTURE = os.path.join(ROOT, "docs", "captures", "messages.pcap")


def contents(*path):
    with open(os.path.join(ROOT, *path), "rb") as file:
        return file.read()


def essence(capture):
    """What is the same in every run: who sent what for. When receipts travel alone is the system's affair."""
    client = capture[0].source
    sent = [packet for packet in capture if packet.kind != "receipt"]
    return [("client" if packet.source == client else "server", packet.kind, packet.data) for packet in sent]


class Packets(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.drawn = packets.read(contents(CAPTURE))

    def test_pass_between_two_computers_as_the_capture_of_the_guide_shows(self):
        with tempfile.TemporaryDirectory() as folder:
            file = os.path.join(folder, "messages.pcap")
            run = subprocess.run([sys.executable, os.path.join(TOOLS, "capture.py"), BIN, "-o", file], text=True,
                                 capture_output=True, timeout=3 * PATIENCE, check=False)  # fmt: skip
            if run.returncode == recorder.NOT_HERE:
                self.skipTest(run.stderr.strip())
            self.assertEqual(run.returncode, 0, run.stderr)
            now = packets.read(contents(file))
        self.assertEqual(essence(now), essence(self.drawn))
        self.look_at(now)

    def test_of_the_guide_are_handshake_data_and_end(self):
        self.look_at(self.drawn)

    def look_at(self, capture):
        client, server = capture[0].source, capture[0].destination
        self.assertEqual(server, (recorder.RASPBERRY, recorder.PORT))
        self.assertEqual(client[0], recorder.NOTEBOOK)
        self.assertGreater(client[1], 1023)  # lent by the system
        self.assertEqual([packet.flags for packet in capture[:3]], [("SYN",), ("SYN", "ACK"), ("ACK",)])
        for packet in capture:
            self.assertEqual({packet.source, packet.destination}, {client, server})
        said = [(packet.source, packet.data) for packet in capture if packet.data]
        self.assertEqual(said, [(client, b"hola\n"), (server, b"recibido: hola\n")])
        self.assertEqual({packet.source for packet in capture if "FIN" in packet.flags}, {client, server})
        self.assertEqual(capture[-1].flags, ("ACK",))

    def test_are_drawn_from_the_capture(self):
        for name, picture in zip(("packets_messages.svg", "packet_bytes.svg"), packets.pictures(contents(CAPTURE))):
            if contents("docs", "pictures", "es", name).decode() != picture:
                self.fail(f"{name} is not what docs/tools/packets.py draws of docs/captures/messages.pcap")

    def test_are_those_of_which_the_guide_speaks(self):
        (_, port), (_, served) = self.drawn[0].source, self.drawn[0].destination
        for language in ("es", "en"):
            text = contents("docs", "guide", language, "packets.md").decode()
            for number in (f"`{port}`", f"`{served}`", f"`{served >> 8:02x} {served & 255:02x}`"):
                self.assertIn(number, text, language)


if __name__ == "__main__":
    unittest.main()
