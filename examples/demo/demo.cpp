// demo: plays the examples' conversations, each between its server and its client, and shows what both sides
// print.
//
//   demo [folder of the programs] [conversation...]
//
// Ends with 1 if a conversation did not go as its document says.

#include <chrono>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include "../console.hpp"
#include "process.hpp"

namespace {

struct Conversation {
    std::string name;
    std::string title;
    std::string server; // with its option, if it has one
    std::string client;
    std::string typed; // what the client's user types
    std::vector<std::string> server_says;
    std::vector<std::string> client_says;
};

const std::vector<Conversation> conversations = {
    {"echo",
     "Echo (documento 004): lo que se envía, vuelve",
     "echo_server",
     "echo_client",
     "",
     {"Escuchando en 127.0.0.1:", "Connected by 127.0.0.1:"},
     {"Received b'Hello, world'"}},
    {"messages",
     "Mensajes (documento 000): uno escribe, el otro contesta",
     "message_server --auto",
     "message_client",
     "hola\nadiós\n",
     {"Escuchando en 127.0.0.1:", "Recibido  'hola'"},
     {"Tu Mensaje: ", "Esperando Respuesta", "Recibido  'recibido: hola'"}},
    {"hola",
     "Hola y adiós (documento 001): un hilo para cada cliente",
     "hola_server",
     "hola_client",
     "",
     {"envia hola: contesto", "envia adios: contesto y desconecto", "desconectado (127.0.0.1, "},
     {"pues hola", "pues adios"}},
    {"eco",
     "Eco (documento 003): en piezas de 19 bytes, contadas",
     "eco_server",
     "eco_client",
     "",
     {"Empezando a levantar localhost puerto ", "recibido \"Aquí va el mensaje\"",
      "devolviendo mensaje al cliente", "no hay mas datos"},
     {"enviando \"Aquí va el mensaje\"", "recibiendo \"Aquí va el mensaje\"", "cerrando socket"}},
    {"stream",
     "Eco de un flujo (documento 001): hasta que el cliente termina su lado",
     "stream_echo_server",
     "stream_echo_client",
     "Hola que tal\n",
     {"Conectado 127.0.0.1:", "Desconectado 127.0.0.1:"},
     {"Hola que tal"}},
    {"calculator",
     "Calculadora (documento 004, ejercicio): primero los operandos, después el operador",
     "calculator_server",
     "calculator_client",
     "3\n4\n+\n1\n0\n/\n",
     {"Escuchando en 127.0.0.1:"},
     {"OK", "7", "Fallo"}},
    {"chat",
     "Chat (documento 002): todos se leen, y select espera por todos",
     "chat_server",
     "chat_client",
     "Luciano\nHola\n:h\n:q\n",
     {"[SERVER] Cliente <Luciano,", "[Luciano]: Hola", "solicitó los comandos del chat"},
     {"Welcome to the best chat in the universe!", "Ingresa tu nombre: ",
      "<Servidor>: Los comandos disponibles son", "Te has desconectado. Vuelve pronto!"}},
};

constexpr auto patience = std::chrono::seconds(10);

void show(const std::string& side, const std::string& output) {
    std::istringstream lines(output);
    for (std::string line; std::getline(lines, line);) {
        if (!line.empty() && line.back() == '\r') line.pop_back();
        std::cout << "  " << side << " | " << line << '\n';
    }
}

bool has_all(const std::string& side, const std::string& output, const std::vector<std::string>& expected) {
    bool all = true;
    for (const std::string& words : expected) {
        if (output.find(words) != std::string::npos) continue;
        std::cout << "  falta en el " << side << ": " << words << '\n';
        all = false;
    }
    return all;
}

// A server's first line ends with its port; port 0 has given it a free one.
std::string port_of(const std::string& output) {
    const std::string line = output.substr(0, output.find_first_of("\r\n"));
    return line.substr(line.find_last_not_of("0123456789") + 1);
}

std::vector<std::string> command(const std::string& folder, const std::string& program,
                                 const std::string& port) {
    const std::size_t end = program.find(' ');
    std::vector<std::string> words = {folder + program.substr(0, end), "localhost", port};
    if (end != std::string::npos) words.push_back(program.substr(end + 1));
    return words;
}

bool play(const std::string& folder, const Conversation& conversation) {
    std::cout << "\n== " << conversation.title << "\n\n" << std::flush;
    Process server(command(folder, conversation.server, "0"));
    if (!server.wait_for("\n", patience)) {
        show("servidor", server.output());
        return false;
    }
    Process client(command(folder, conversation.client, port_of(server.output())));
    client.write(conversation.typed);
    client.close_input();
    const bool ended = client.wait_for_end(patience);
    if (!ended) client.end();
    const int status = client.wait();
    for (const std::string& words : conversation.server_says) (void)server.wait_for(words, patience);

    show("servidor", server.output());
    std::cout << '\n';
    show("cliente ", client.output());
    return has_all("servidor", server.output(), conversation.server_says) &&
           has_all("cliente", client.output(), conversation.client_says) && ended && status == 0;
}

} // namespace

int main(int argc, char** argv) try {
    console::Arguments arguments(argc, argv, "demo [carpeta] [conversación...]");
    const std::string folder = arguments.text(".") + "/";
    std::vector<std::string> wanted;
    for (std::string name = arguments.text(""); !name.empty(); name = arguments.text(""))
        wanted.push_back(name);

    bool good = true;
    for (const Conversation& conversation : conversations) {
        bool chosen = wanted.empty();
        for (const std::string& name : wanted) chosen = chosen || name == conversation.name;
        if (chosen && !play(folder, conversation)) good = false;
    }
    std::cout << (good ? "\nTodo salió como dicen los documentos.\n"
                       : "\nAlgo no salió como dicen los documentos.\n");
    return good ? 0 : 1;
} catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
}
