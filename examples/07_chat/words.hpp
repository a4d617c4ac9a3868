// What the server says, word for word: the sentences of document 002, and those that it lacked.
#pragma once

namespace chat {

inline constexpr const char* greeting = "Welcome to the best chat in the universe!";
inline constexpr const char* accepted = "no"; // not in use
inline constexpr const char* in_use = "yes";
inline constexpr const char* not_valid =
    "Nombre no válido: de 1 a 32 caracteres que se vean, sin guion (-) ni < >";
inline constexpr const char* goodbye = "<Servidor>: Te has desconectado. Vuelve pronto!";
inline constexpr const char* commands = "<Servidor>: Los comandos disponibles son\n"
                                        "\n"
                                        "      :q = Desconectarse del chat\n"
                                        "      :h = Mostrar comandos\n"
                                        "      :i = Usuarios conectados\n"
                                        "      :add = Identificador interno\n"
                                        "      :p-name-msg = Envía mensaje privado msg a name";
inline constexpr const char* usage = "<Servidor>: Se escribe :p-nombre-mensaje";
inline constexpr const char* not_connected = "Usuario no conectado";

// What only the server can know: to the client, and as a reason for leave().
inline constexpr const char* too_long = "<Servidor>: Mensaje demasiado largo (más de 4096 bytes)";
inline constexpr const char* full = "<Servidor>: El chat está lleno";
inline constexpr const char* sent_too_much = "mensaje demasiado largo";
inline constexpr const char* does_not_read = "no lee lo que se le envía";

} // namespace chat
