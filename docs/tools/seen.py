#!/usr/bin/env python3
"""Draws what the system shows of a program, from a run: docs/pictures/*/seen_<name>.svg.

    seen.py <folder of the programs> [picture...]        such as build/dev/examples

queue, time_wait: `ss` before each primitive; lost: the datagrams; ways: three servers and two clients each; order: two packets.
The runs have a network namespace of their own. Exit status 77: none can be made here, and why.
"""

import argparse
import html
import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(HERE), str(ROOT / "tests/interop")]

import labels  # noqa: E402
from harness import Server, connect  # noqa: E402
from sequence import STYLE, number, words  # noqa: E402

PICTURES = ROOT / "docs/pictures/es"
NOT_HERE = 77
PORT = 8000  # the pictures' for the one that the system lends

# --- the runs, in a namespace ---------------------------------------------------------------------------------


def build(snippet, header, folder):
    program = pathlib.Path(folder) / snippet
    compiler = next(filter(None, map(shutil.which, ("c++", "g++", "clang++"))))
    subprocess.run([compiler, "-std=c++17", "-I", ROOT / "include", "-include", HERE / header,
                    ROOT / f"docs/snippets/{snippet}.cpp", "-o", program, "-pthread"], check=True)
    return program


def ss(what):
    """The rows of `ss`: state, bytes or clients that wait, the most of them, both addresses."""
    return [row.split() for row in subprocess.run(["ss", "-Hn", what], check=True, capture_output=True, text=True).stdout.splitlines()]


def stepped(snippet, what):
    """Each primitive of the program as its trace has it, and what ss shows after it."""
    seen = []
    with tempfile.TemporaryDirectory() as folder, \
            subprocess.Popen([build(snippet, "step_from_start.hpp", folder)], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                             stderr=subprocess.PIPE, text=True) as program:
        call = None
        for line in program.stderr:
            if line.strip() != "next?":
                call = re.sub(r"^\s*[\d.]+ ", "", line.strip())
                continue
            if call:
                seen.append([call, ss(what)])
            program.stdin.write("\n")
            program.stdin.flush()
    lent = next(re.search(r":(\d+)$", call)[1] for call, _ in seen if "bind(" in call)
    return json.loads(re.sub(rf"\b{lent}\b", str(PORT), json.dumps(seen)))


def run_queue(_):
    return stepped("queue", "-tl")


def run_time_wait(_):
    return stepped("who_closes_first", "-ta")


def run_lost(_):
    with tempfile.TemporaryDirectory() as folder:
        program = build("datagram_lost", "trace_from_start.hpp", folder)
        lines = subprocess.run([program], check=True, capture_output=True, text=True, timeout=60).stderr.splitlines()
    data = re.compile(r'\[\d+\] (send_to|recv_from)\(.*?"(\w+)\.')
    return [list(found.groups()) for found in map(data.search, lines) if found]


WAYS = {"echo_server": "de uno en uno", "hola_server": "un hilo por cliente", "chat_server": "SELECT"}
SAID = {"echo_server": (b"hola", b"hola"), "hola_server": (b"hola", b"hola"), "chat_server": (b"Ana\n", b"Luis\n")}


def talk(port, name, says, stays, events, answered):
    """A client: from when to when it is connected, and when it has its first answer."""
    begin = time.monotonic()
    with connect(port) as client:
        client.settimeout(10)
        client.sendall(says)
        while not re.search(rb"hola|no\n$", client.recv(1000)):  # the chat greets first
            pass
        answer = time.monotonic()
        answered.set()
        time.sleep(stays)
    events[name] = [begin, answer, time.monotonic()]


def run_ways(folder):
    """Of each server: both clients' times, and the threads that its trace names."""
    found = {}
    for server_name in WAYS:
        events, answered = {}, threading.Event()
        with Server(command=[os.path.join(folder, server_name), "localhost", 0, "--trace"]) as server:
            first = threading.Thread(target=talk, args=(server.port, "1", SAID[server_name][0], 1, events, answered))
            first.start()
            answered.wait(10)
            talk(server.port, "2", SAID[server_name][1], 0.4, events, threading.Event())
            first.join()
            threads = sorted({match[1] for line in server.errors if (match := re.search(r" #(\d+) ", line))} | {"1"})
        zero = events["1"][0]
        found[server_name] = {"threads": len(threads),
                              "clients": [[round(moment - zero, 3) for moment in events[name]] for name in ("1", "2")]}
    return found


def run_order(_):
    """The first packet to port 5001, and to the one that comes of a forgotten htons: the two bytes of its port."""
    found = []
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0800)) as cable:
        cable.bind(("lo", 0))
        cable.settimeout(10)
        for port in (5001, int.from_bytes((5001).to_bytes(2, "little"), "big")):
            with socket.socket() as client:
                client.connect_ex(("127.0.0.1", port))
            while True:
                frame = cable.recv(2000)
                if frame[23] == 6 and frame[47] == 2:  # TCP, SYN
                    break
            found.append([frame[36:38].hex(" "), int.from_bytes(frame[36:38], "big")])
            cable.recv(2000)  # the same packet as it comes in
    return {"memory": (5001).to_bytes(2, sys.byteorder).hex(" "), "packets": found}


RUNS = {"queue": run_queue, "time_wait": run_time_wait, "lost": run_lost, "ways": run_ways, "order": run_order}


def give_up(reason):
    print(f"seen.py: {reason}", file=sys.stderr)
    sys.exit(NOT_HERE)


def run(name, folder):
    """What happened, from this program run again inside."""
    for tool in ("unshare", "ip", "ss"):
        if not shutil.which(tool):
            give_up(f"{tool} is missing")
    unshare = ["unshare", "--net"] if os.geteuid() == 0 else ["unshare", "--user", "--map-root-user", "--net"]
    tried = subprocess.run([*unshare, "true"], capture_output=True, text=True, check=False)
    if tried.returncode != 0:
        give_up(f"no namespace can be made: {tried.stderr.strip()}")
    inside = subprocess.run([*unshare, sys.executable, __file__, "--inside", folder, name], check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(inside.stdout)


# --- what is the same in every run ------------------------------------------------------------------------------


def plain(text):
    return re.sub(r"127\.0\.0\.1:(?!8000\b)\d+", "127.0.0.1:#", text)


def facts(name, seen):
    if name == "queue":
        return [f"{plain(call)} | {' '.join(row[1] for row in rows)}" for call, rows in seen]
    if name == "time_wait":  # 1: its end has not been confirmed yet
        return [f"{plain(call)} | {' '.join(ends(rows))}".replace("FIN-WAIT-1", "FIN-WAIT-2") for call, rows in seen]
    if name == "lost":
        arrived = [data for what, data in seen if what == "recv_from"]
        return [f"{len(seen) - len(arrived)} sent", f"{'some' if 0 < len(arrived) < len(seen) - len(arrived) else 'none'} lost"]
    if name == "ways":
        return [f"{server}: {one['threads']} threads, client 2 {'waits for client 1' if one['clients'][1][1] >= one['clients'][0][2] - 0.05 else 'is answered meanwhile'}"
                for server, one in seen.items()]
    return [f"{data} {port}" for data, port in seen["packets"]]


def ends(rows):
    """The states of the client's end and of the server's; "-" where there is none any more."""
    states = {row[3].endswith(f":{PORT}"): row[0] for row in rows if row[0] != "LISTEN"}
    return [states.get(False, "-"), states.get(True, "-")]


# --- the pictures -------------------------------------------------------------------------------------------------

MORE = """
    .on { fill: #0969da }
    .off { fill: none; stroke: #8c959f; stroke-dasharray: 3 3 }
    .lost { fill: #cf222e }
    text.lost { fill: #b31d28; stroke: none }
    text.white { fill: #ffffff }
    .strong { font-weight: 600 }
    @media (prefers-color-scheme: dark) {
      .on { fill: #1f6feb }
      .off { stroke: #6e7681 }
      text.lost { fill: #ff7b72 }
      text.white { fill: #ffffff }
    }
"""


def svg(title, description, width, height, parts, listed):
    return (f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {width} {height}">\n'
            f"  <title>{html.escape(title)}</title>\n  <desc>{html.escape(description)}</desc>\n"
            f"  <metadata>\n{html.escape(chr(10).join(listed), quote=False)}\n  </metadata>\n  <style>{STYLE}{MORE}</style>\n"
            f'  <rect class="paper" width="{width}" height="{height}" rx="8"/>\n  {words(width / 2, 28, title, "title", "middle")}\n'
            + "".join(f"  {part}\n" for part in parts) + "</svg>\n")


def box(x, y, width, height, kind):
    return f'<rect class="{kind}" x="{number(x)}" y="{number(y)}" width="{number(width)}" height="{number(height)}" rx="4"/>'


def draw_queue(seen):
    shown = [(call, rows[0]) for call, rows in seen if re.search(r"\b(listen|connect|send|accept|recv)\(", call) and rows]
    parts, names, queue = [], {}, []
    parts += [words(24, 62, "el programa", "head", "start"), words(400, 62, "la cola", "head", "start"),
              words(560, 62, "ss -ltn", "head", "start")]
    for at, (call, row) in enumerate(shown):
        y = 88 + 38 * at
        if found := re.search(r"connect\(.*= (\S+)", call):
            names[found[1]] = ("Ana", "Luis")[len(names)]
            queue.append(names[found[1]])
        if found := re.search(r"accept\(\) = \[\d+\] (\S+)", call):
            queue.remove(names[found[1]])
        parts.append(words(24, y + 4, re.sub(r"127\.0\.0\.1", "…", call), "", "start"))
        for place in range(2):
            kind = "on" if place < len(queue) else "off"
            parts.append(box(400 + 66 * place, y - 12, 60, 24, kind))
            if place < len(queue):
                parts.append(words(430 + 66 * place, y + 4, queue[place], "white", "middle"))
        parts.append(words(560, y + 4, f"{row[0]} {row[1]:>3} {row[2]:>5} {row[3]}", "", "start"))
        if int(row[1]) != len(queue):
            raise ValueError(f"ss says {row[1]}, the trace {queue}")
    parts.append(words(24, 88 + 38 * len(shown) + 8, "El sistema los conecta, y guarda lo que dicen; ACCEPT saca al primero.", "legend", "start"))
    return svg("La cola de LISTEN", "De una ejecución real: dos clientes esperan en la cola hasta que el servidor llama a ACCEPT.",
               800, 88 + 38 * len(shown) + 28, parts, facts("queue", seen))


def draw_time_wait(seen):
    begun = next(at for at, (call, _) in enumerate(seen) if " accept()" in call)
    shown = seen[begun:]
    parts = [words(24, 62, "el programa", "head", "start"), words(430, 62, "cliente", "head", "middle"),
             words(620, 62, "servidor", "head", "middle"), words(525, 62, "ss -tan", "head", "middle")]
    client = re.search(r"= \[(\d+)\]", shown[0][0])[1]
    for at, (call, rows) in enumerate(shown):
        y = 88 + 42 * at
        states = ends(rows)
        who = "servidor" if f"[{client}]" in call or at == 0 else "cliente"
        parts += [words(24, y + 4, who, "strong", "start"), words(96, y + 4, re.sub(r" = \[\d+\].*", "", call), "", "start")]
        for x, state in zip((430, 620), states):
            if state == "-":
                parts += [box(x - 70, y - 13, 140, 26, "off"), words(x, y + 4, "–", "", "middle")]
            else:
                kind = {"ESTAB": "on", "TIME-WAIT": "lost"}.get(state, "wait")
                parts += [box(x - 70, y - 13, 140, 26, kind), words(x, y + 4, state, "" if kind == "wait" else "white", "middle")]
    bottom = 88 + 42 * len(shown)
    parts.append(words(24, bottom + 8, "Quien cierra primero guarda el par un rato (TIME-WAIT); el otro no guarda nada.", "legend", "start"))
    return svg("¿Quién cierra primero?", "De una ejecución real: los estados de los dos extremos, como los muestra ss.",
               720, bottom + 28, parts, facts("time_wait", seen))


def draw_lost(seen):
    sent = [data for what, data in seen if what == "send_to"]
    arrived = [data for what, data in seen if what == "recv_from"]
    left, right = 250, 550
    bottom = 100 + 34 * len(sent) + 40
    parts = []
    for x, head in ((left, "quien envía"), (right, "quien recibe")):
        parts += [box(x - 60, 44, 120, 26, "box"), words(x, 61, head, "head", "middle"),
                  f'<line class="line" x1="{x}" y1="70" x2="{x}" y2="{bottom}"/>']
    parts.append(box(right - 6, 92, 12, 34 * len(sent), "off"))
    for at, data in enumerate(sent):
        y = 96 + 34 * at
        lost = data not in arrived
        x2 = right - 40 if lost else right - 8
        kind = "end" if lost else "data"
        parts += [words(left - 12, y + 4, f'send_to("{data}…") = 1000', "", "end"),
                  f'<path class="{kind}" d="M{left + 6} {y}L{x2} {y + 12}"{" stroke-dasharray=" + chr(34) + "5 4" + chr(34) if lost else ""}/>']
        if lost:
            parts.append(words(x2 + 8, y + 17, "✗", "lost strong", "start"))
        else:
            parts.append(f'<path class="{kind}" d="M{x2 - 8} {y + 6}L{x2} {y + 12}L{x2 - 9} {y + 16}"/>')
    for at, data in enumerate(arrived):
        parts.append(words(right + 14, 108 + 34 * at, f'"{data}…"', "", "start"))
    parts += [words(right + 14, 108 + 34 * len(arrived), "el búfer está lleno", "lost", "start"),
              words(left - 12, bottom - 14, "ninguno ha fallado", "legend", "end"),
              words(right + 14, bottom - 14, f"recv_from: {len(arrived)}, y nada más", "legend", "start")]
    return svg("Un datagrama se pierde", "De una ejecución real: quien envía no se entera de lo que no cabe.", 800, bottom + 16, parts,
               facts("lost", seen))


def draw_ways(seen):
    parts, y = [], 66
    longest = max(one["clients"][name][2] for one in seen.values() for name in (0, 1))
    scale = 520 / longest
    for server, one in seen.items():
        threads = one["threads"]
        parts += [words(24, y, WAYS[server], "head", "start"),
                  words(200, y, f"{server} · {threads} {'hilo' if threads == 1 else 'hilos'}", "legend", "start")]
        for at, (begin, answer, end) in enumerate(one["clients"]):
            row = y + 12 + 28 * at
            parts.append(words(24, row + 15, f"cliente {at + 1}", "", "start"))
            if (answer - begin) * scale >= 3:
                parts.append(box(120 + begin * scale, row, (answer - begin) * scale, 22, "wait"))
                parts.append(words(120 + (begin + answer) / 2 * scale, row + 15, f"espera {answer - begin:.2f} s", "", "middle"))
            parts.append(box(120 + answer * scale, row, (end - answer) * scale, 22, "on"))
            parts.append(words(120 + (answer + end) / 2 * scale, row + 15, "atendido", "white", "middle"))
        y += 98
    parts.append(words(24, y - 14, "El cliente 1 se queda un segundo. ¿Cuánto espera el 2 su primera respuesta?", "legend", "start"))
    return svg("Tres maneras de atender a muchos", "De ejecuciones reales: cuánto espera el segundo cliente con cada servidor.",
               680, y + 6, parts, facts("ways", seen))


def draw_order(seen):
    right, wrong = seen["packets"]
    rows = [("en la memoria de esta máquina", seen["memory"], "", "wait"),
            ("en el paquete: Address::loopback(5001)", right[0], f"el otro lado lee {right[1]}", "on"),
            ("en el paquete: sin htons, en C", wrong[0], f"el otro lado lee {wrong[1]}", "lost")]
    parts = [words(24, 60, "5001 = 0x1389 = 19 · 256 + 137", "", "start")]
    for at, (what, data, read, kind) in enumerate(rows):
        y = 78 + 46 * at
        parts.append(words(24, y + 20, what, "legend", "start"))
        for place, byte in enumerate(data.split()):
            parts += [box(330 + 46 * place, y, 42, 32, kind),
                      words(351 + 46 * place, y + 21, byte, "strong" if kind == "wait" else "white strong", "middle")]
        if read:
            parts.append(words(440, y + 20, read, "", "start"))
    return svg("Los dos órdenes de los bytes", "De dos paquetes reales: los dos bytes del puerto de destino.", 640, 226, parts, facts("order", seen))


DRAWN = {"queue": draw_queue, "time_wait": draw_time_wait, "lost": draw_lost, "ways": draw_ways, "order": draw_order}


def path_of(name):
    return PICTURES / f"seen_{name}.svg"


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("folder", help="where the programs are")
    parser.add_argument("picture", nargs="*", help=f"of {', '.join(DRAWN)}; all of them unless told otherwise")
    arguments = parser.parse_args()
    if arguments.inside:
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        print(json.dumps(RUNS[arguments.picture[0]](arguments.folder)))
        return
    for name in arguments.picture or DRAWN:
        path_of(name).write_text(DRAWN[name](run(name, arguments.folder)), encoding="utf-8", newline="\n")
        print(path_of(name).relative_to(ROOT))
    labels.main()


if __name__ == "__main__":
    main()
