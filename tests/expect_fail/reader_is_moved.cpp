// expect: deleted
#include <sockets/lines.hpp>

#include <utility>

void wrong(sockets::LineReader& reader) {
    sockets::LineReader copy(reader);             // wrong
    sockets::LineReader moved(std::move(reader)); // wrong
    reader = copy;                                // wrong
}
