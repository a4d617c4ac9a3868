#!/usr/bin/env python3
"""The pictures' labels in both languages. The pictures are drawn in Spanish; this makes the English ones.

    labels.py          docs/pictures/en from docs/pictures/es

What a program printed, and what its trace says, is the same in both.
"""

import html
import pathlib
import re

PICTURES = pathlib.Path(__file__).resolve().parents[1] / "pictures"

# "#" is any number, in both.
ENGLISH = {
    # heads and titles
    "servidor": "server",
    "cliente": "client",
    "espera": "waits",
    "fin": "end",
    "Cliente y servidor": "Client and server",
    "Puertos: ganchos de una máquina": "Ports: a machine's hooks",
    "La interfaz entre aplicación y red": "Application and network interface",
    "Capas": "Layers",
    "La vida de un socket, vista dos veces": "A socket's life, seen twice",
    "Las tres capas de un socket": "A socket's three layers",
    "Topología de la demostración": "The demonstration's topology",
    "Los paquetes de una conversación": "The packets of a conversation",
    "Los bytes de un paquete": "The bytes of a packet",
    "cliente #": "client #",
    # for those who listen to a picture
    "Un servidor y dos clientes, dibujados de una ejecución real.": "A server and two clients, drawn from a real run.",
    "Un servidor y un cliente, dibujados de una ejecución real: las primitivas de cada uno, lo que va por la red y cuándo "
    "espera cada uno.":
        "A server and a client, drawn from a real run: the primitives of each, what goes over the network, and when each "
        "waits.",
    "El servidor tiene un socket que escucha y un socket nuevo por cada cliente.":
        "The server has one listening socket and one new socket for each client.",
    "Cada programa cuelga de un puerto; la dirección IP es de la máquina.":
        "Each program hangs on a port; the IP address is the machine's.",
    "La aplicación ve ocho primitivas; la red queda escondida.":
        "The application sees eight primitives; the network is hidden.",
    "Un mensaje baja por las capas del emisor, cada una pone su encabezado, y sube por las del receptor.":
        "A message goes down the sender's layers, each adds its header, and up the receiver's.",
    "La vida del lado del servidor y del lado del cliente, con lo que espera cada uno.":
        "The life on the server's side and on the client's, with what each waits for.",
    "La capa de socket, la de protocolo y la de dispositivo.":
        "The socket layer, the protocol layer and the device layer.",
    "En una máquina por loopback; en dos, por la red.": "On one machine by loopback; on two, over the network.",
    "Dibujado de una captura: cada flecha es un paquete.": "Drawn from a capture: each arrow is a packet.",
    "De una captura; los colores dicen de qué cabecera es cada byte.":
        "From a capture; the colours say to which header each byte belongs.",
    # client and server
    "Cliente A": "Client A",
    "Cliente B": "Client B",
    "Servidor": "Server",
    "socket para A": "socket for A",
    "socket para B": "socket for B",
    "escucha": "listening",
    "conexión A": "connection A",
    "conexión B": "connection B",
    "El nuevo socket tiene el mismo puerto; el par los distingue.":
        "The new socket has the same port; the pair tells them apart.",
    # ports
    "Una máquina: 192.0.2.7": "One machine: 192.0.2.7",
    "servidores: puerto fijo y conocido": "servers: a fixed, known port",
    "cliente: el sistema elige": "client: the system chooses",
    "0 a 65535 para TCP, y otros tantos para UDP": "0 to 65535 for TCP, and as many again for UDP",
    "Menos de 1024: para el administrador (Linux)": "Below 1024: for the administrator (Linux)",
    # what the system shows
    "La cola de LISTEN": "LISTEN's queue",
    "De una ejecución real: dos clientes esperan en la cola hasta que el servidor llama a ACCEPT.":
        "From a real run: two clients wait in the queue until the server calls ACCEPT.",
    "el programa": "the program",
    "la cola": "the queue",
    "El sistema los conecta, y guarda lo que dicen; ACCEPT saca al primero.":
        "The system connects them, and keeps what they say; ACCEPT takes the first one.",
    "¿Quién cierra primero?": "Who closes first?",
    "De una ejecución real: los estados de los dos extremos, como los muestra ss.":
        "From a real run: the states of both ends, as ss shows them.",
    "Quien cierra primero guarda el par un rato (TIME-WAIT); el otro no guarda nada.":
        "Who closes first keeps the pair for a while (TIME-WAIT); the other keeps nothing.",
    "Un datagrama se pierde": "A datagram is lost",
    "De una ejecución real: quien envía no se entera de lo que no cabe.":
        "From a real run: the sender does not learn of what does not fit.",
    "quien envía": "the sender",
    "quien recibe": "the receiver",
    "el búfer está lleno": "the buffer is full",
    "ninguno ha fallado": "none has failed",
    "recv_from: #, y nada más": "recv_from: #, and no more",
    "Tres maneras de atender a muchos": "Three ways to serve many",
    "De ejecuciones reales: cuánto espera el segundo cliente con cada servidor.":
        "From real runs: how long the second client waits with each server.",
    "de uno en uno": "one at a time",
    "un hilo por cliente": "a thread for each client",
    "espera #.# s": "waits #.# s",
    "atendido": "served",
    "El cliente 1 se queda un segundo. ¿Cuánto espera el 2 su primera respuesta?":
        "Client 1 stays for a second. How long does client 2 wait for its first answer?",
    "Los dos órdenes de los bytes": "The two byte orders",
    "De dos paquetes reales: los dos bytes del puerto de destino.":
        "From two real packets: the two bytes of the destination's port.",
    "en la memoria de esta máquina": "in this machine's memory",
    "en el paquete: Address::loopback(5001)": "in the packet: Address::loopback(5001)",
    "en el paquete: sin htons, en C": "in the packet: without htons, in C",
    "el otro lado lee #": "the other side reads #",
    "SELECT": "SELECT",
    "Ana": "Ana", "Luis": "Luis", "–": "–", "✗": "✗",
    # the interface
    "Aplicación": "Application",
    "usa nombres,": "uses names,",
    "puertos y bytes": "ports and bytes",
    "API de sockets": "Sockets API",
    "Red": "Network",
    "escondido:": "hidden:",
    "paquetes": "packets",
    "rutas": "routes",
    "pérdidas": "losses",
    "reenvíos": "resending",
    "lo mismo en Linux, macOS y Windows": "the same on Linux, macOS and Windows",
    # layers
    "emisor": "sender",
    "receptor": "receiver",
    "el mensaje": "the message",
    "Transporte": "Transport",
    "TCP, UDP: puertos": "TCP, UDP: ports",
    "IP: direcciones": "IP: addresses",
    "Enlace": "Link",
    "cable, aire": "cable, air",
    "Programa": "Program",
    "Capa de socket": "Socket layer",
    "las llamadas: socket, bind, connect, send, recv": "the calls: socket, bind, connect, send, recv",
    "Capa de protocolo": "Protocol layer",
    "TCP, UDP, IP: encabezados, orden, reenvíos": "TCP, UDP, IP: headers, order, resending",
    "Capa de dispositivo": "Device layer",
    "el controlador de la tarjeta de red": "the network card's driver",
    "red": "network",
    # a socket's life
    "crea": "creates",
    "dirección y puerto": "address and port",
    "abre la cola": "opens the queue",
    "espera un cliente": "waits for a client",
    "espera bytes": "waits for bytes",
    "contesta": "answers",
    "cierra el de este cliente": "closes this client's",
    "espera el saludo": "waits for the handshake",
    "pide": "asks",
    "termina su lado": "ends its side",
    "va por la red": "goes over the network",
    # the demonstration
    "Una máquina": "One machine",
    "Dos máquinas": "Two machines",
    "puerto #": "port #",
    "red local": "local network",
    "Las mismas líneas de código; cambia la dirección.": "The same lines of code; the address changes.",
    # packets
    "n.º": "no.",
    "echo_server · # hilo": "echo_server · # thread",
    "hola_server · # hilos": "hola_server · # threads",
    "chat_server · # hilo": "chat_server · # thread",
    "saludo": "handshake",
    "datos": "data",
    "final": "end",
    "paquete #": "packet #",
    "datos, # bytes": "data, # bytes",
    "de tarjeta a tarjeta": "from card to card",
    "de máquina a máquina": "from machine to machine",
    "de programa a programa": "from program to program",
    "lo que dio SEND": "what SEND gave",
}

TEXT = re.compile(r"(<(?:text|title|desc|tspan)\b[^>]*>)([^<]+)(?=<)")
SAME = re.compile(  # names, bytes, calls, and words that both languages have
    r'(LISTEN|ESTAB|[A-Z]+-WAIT[\w-]*|ss) .*|[A-Z\d]+(-[A-Z\d]+)+|"\w+…"|\[\d+\] \w+\(.*|[\d= ·+x]*|[^a-záéíóúñ]*|.*".*|[\w.]*_[\w.]*( · \w+)*|(#\d+ )?\w+\(.*|= .*|[A-Z]{2,}[^a-z]*hola|hola|\w+\.cpp|web|connect|loopback|ms|[0-9a-f]{2}'
    r"|switch, router, Wi-Fi|Ethernet, Wi-Fi|(Eth|Ethernet|IP|TCP)\b.*")


def english(picture):
    """The picture with English labels; ValueError: a label has none."""

    def label(match):
        text = html.unescape(match[2])
        numbers = re.findall(r"\d+", text)
        if text in ENGLISH:
            text = ENGLISH[text]
        elif (key := re.sub(r"\d+", "#", text)) in ENGLISH:
            text = re.sub("#", lambda _: numbers.pop(0), ENGLISH[key])
        elif not SAME.fullmatch(text):
            raise ValueError(f'"{text}" has no English word in labels.py')
        return match[1] + html.escape(text, quote=False)

    return TEXT.sub(label, picture)


def main():
    for path in sorted((PICTURES / "es").glob("*.svg")):
        target = PICTURES / "en" / path.name
        target.parent.mkdir(exist_ok=True)
        target.write_text(english(path.read_text(encoding="utf-8")), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
