// Every method of Selector and Ready, a few lines each. `one` and `other` are two connected ends.
#include <chrono>
#include <iostream>
#include <sockets/selector.hpp>
#include <sockets/socket.hpp>

using namespace sockets;
using std::chrono::milliseconds;
using std::chrono::seconds;

int main() {
    auto [one, other] = Socket::pair();
    //! [constructor]
    Selector selector;
    std::cout << selector.select(milliseconds(1)).size() << '\n'; // prints: 0
    //! [constructor]

    //! [add]
    selector.add(other);
    one.send_all("hola");
    std::cout << selector.select(seconds(5)).size() << '\n'; // prints: 1
    //! [add]

    //! [select]
    for (const Ready& ready : selector.select())
        if (ready.readable) std::cout << other.recv(1024) << '\n'; // prints: hola
    //! [select]

    //! [select_limit]
    if (selector.select(milliseconds(10)).empty()) std::cout << "nadie\n"; // prints: nadie
    //! [select_limit]

    //! [modify]
    selector.modify(other, Interest::write); // while there is something to send
    for (const Ready& ready : selector.select(seconds(5)))
        std::cout << ready.readable << ready.writable << '\n'; // prints: 01
    //! [modify]

    //! [is]
    for (const Ready& ready : selector.select(seconds(5)))
        std::cout << ready.is(one) << ready.is(other) << '\n'; // prints: 01
    //! [is]

    //! [remove]
    selector.remove(other);                                       // first this,
    other.close();                                                // then close
    std::cout << selector.select(milliseconds(1)).size() << '\n'; // prints: 0
    //! [remove]
}
