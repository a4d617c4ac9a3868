// The conversations of the documents: who talks, what is typed, and what both sides must say.
#pragma once

#include <string>
#include <vector>

// When `who` (1, or 2 for a second client) has printed `after`, its user types `line`. The server (0)
// has no user: the conversation goes on when it has printed that.
struct Step {
    int who;
    std::string after;
    std::string line;
};

struct Conversation {
    std::string name;
    std::string title;
    std::string look; // what to look at
    std::string server;
    std::string client;
    std::vector<Step> steps;
    std::vector<std::string> server_says;
    std::vector<std::string> client_says;
    bool connected = true; // datagrams: nobody accepts, and nobody is closed
};

inline const std::vector<Conversation> conversations = {
    {"echo",
     "Echo (documento 004): lo que se envía, vuelve",
     "Cada primitiva de las láminas es una línea; accept y recv esperan.",
     "echo_server",
     "echo_client",
     {},
     {"Escuchando en 127.0.0.1:", "Connected by 127.0.0.1:"},
     {"Received b'Hello, world'"}},
    {"messages",
     "Mensajes (documento 000): uno escribe, el otro contesta",
     "Un mensaje termina con un fin de línea: sin él nadie sabría dónde acaba.",
     "message_server --auto",
     "message_client",
     {{1, "Tu Mensaje: ", "hola"}, {1, "Tu Mensaje: ", "adiós"}},
     {"Escuchando en 127.0.0.1:", "Recibido  'hola'"},
     {"Esperando Respuesta", "Recibido  'recibido: hola'"}},
    {"hola",
     "Hola y adiós (documento 001): un hilo para cada cliente",
     "accept vuelve a esperar mientras otro hilo (#2) atiende al cliente.",
     "hola_server",
     "hola_client",
     {},
     {"envia hola: contesto", "envia adios: contesto y desconecto", "desconectado (127.0.0.1, "},
     {"pues hola", "pues adios"}},
    {"eco",
     "Eco (documento 003): en piezas de 19 bytes, contadas",
     "El cliente cuenta: 19 bytes fueron (la í son dos), 19 tienen que volver.",
     "eco_server",
     "eco_client",
     {},
     {"Empezando a levantar localhost puerto ", "recibido \"Aquí va el mensaje\"",
      "devolviendo mensaje al cliente", "no hay mas datos"},
     {"enviando \"Aquí va el mensaje\"", "recibiendo \"Aquí va el mensaje\"", "cerrando socket"}},
    {"stream",
     "Eco de un flujo (documento 001): hasta que el cliente termina su lado",
     "shutdown termina un solo sentido: lo que falta todavía vuelve.",
     "stream_echo_server",
     "stream_echo_client",
     {{1, "", "Hola que tal"}},
     {"Conectado 127.0.0.1:", "Desconectado 127.0.0.1:"},
     {"Hola que tal"}},
    {"calculator",
     "Calculadora (documento 004): primero los operandos, después el operador",
     "Cada mensaje tiene su respuesta: OK, Fallo o el resultado.",
     "calculator_server",
     "calculator_client",
     {{1, "", "3"}, {1, "OK", "4"}, {1, "OK", "+"}, {1, "7", "1"}, {1, "OK", "0"}, {1, "OK", "/"}},
     {"Escuchando en 127.0.0.1:"},
     {"OK", "7", "Fallo"}},
    {"chat",
     "Chat (documento 002): todos se leen, y select espera por todos",
     "Un solo hilo y un select: quien calla no hace esperar a nadie.",
     "chat_server",
     "chat_client",
     {{1, "Ingresa tu nombre: ", "Luciano"},
      {0, "[SERVER] Cliente <Luciano,", ""},
      {2, "Ingresa tu nombre: ", "Samuel"},
      {1, "Samuel se ha conectado", "Hola"},
      {2, "<Luciano>: Hola", "Holaaaa :D"},
      {1, "<Samuel>: Holaaaa :D", ":p-Samuel-Estudemos principios"},
      {2, "Estudemos principios", ":q"},
      {1, "Samuel se ha desconectado", ":q"}},
     {"[SERVER] Cliente <Luciano,", "[SERVER] Cliente <Samuel,", "[Luciano]: Hola",
      "[Samuel]: Holaaaa :D", "El usuario <Luciano> ha enviado un mensaje privado a <Samuel>",
      "solicitó desconectarse del chat"},
     {"Welcome to the best chat in the universe!", "<Servidor>: Samuel se ha conectado",
      "<Samuel>: Holaaaa :D", "Te has desconectado. Vuelve pronto!"}},
    {"datagrams",
     "Datagramas (documentos 001 y 004): cada uno dice de dónde viene",
     "Sin LISTEN ni ACCEPT: cada mensaje llega entero, o no llega.",
     "datagram_server",
     "datagram_client --count 3 --every 50",
     {},
     {"Escuchando en 127.0.0.1:"},
     {"Enviados: 3", "Ida y vuelta: mínimo "},
     false},
    {"addresses",
     "Direcciones (documentos 001 y 004): qué hay detrás de un nombre",
     "Una conexión es un par de pares: los dos extremos, vistos desde cada lado.",
     "echo_server",
     "show_addresses localhost {port} --connect",
     {},
     {"Connected by 127.0.0.1:"},
     {"1. ", "Conexión: 127.0.0.1:"}},
#ifndef _WIN32 // Wine has no PF_UNIX
    {"local",
     "Sin red (documento 004: PF_UNIX): el eco en un camino",
     "Las mismas primitivas, y un camino donde había un host y un puerto.",
     "local_server {folder}/puerta",
     "local_client {folder}/puerta",
     {{1, "", "hola"}},
     {"Escuchando en ", "conectado", "desconectado"},
     {"hola"}},
#endif
    {"file",
     "Un archivo (documento 004): entero, o nada",
     "El nombre y el tamaño van delante, en el orden de la red; una suma, detrás.",
     "file_receiver localhost 0 {folder}/llegado",
     "file_sender localhost {port} {folder}/saludo.txt",
     {},
     {"Escuchando en 127.0.0.1:", "recibido saludo.txt, 22 bytes"},
     {"enviado "}},
    {"web",
     "Una página web (documento 004): HTTP a mano",
     "Líneas hasta la línea vacía, y después tantos bytes como dice Content-Length.",
     "web_server localhost 0 {folder}",
     "web_client http://localhost:{port}/saludo.txt",
     {},
     {"Escuchando en http://127.0.0.1:"},
     {"Hola desde un archivo"}},
};
