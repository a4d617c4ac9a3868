// Bytes arrive cut anywhere; lines come out whole.
#include <iostream>
#include <sockets/lines.hpp>

using namespace sockets;

int main() {
    LineBuffer lines(80); // nobody may fill the memory with a line that never ends
    for (const char* piece : {"ho", "la\r\nadi", "os\nsin fin"}) {
        lines.append(piece);
        while (auto line = lines.next()) std::cout << "línea: " << *line << '\n';
    }
    std::cout << "resto: " << lines.rest() << '\n';
}
