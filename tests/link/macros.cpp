// Names that other people's headers take as macros: those of Qt, of macOS' AssertMacros.h, of X11, of <windows.h>. Every
// header of ours must compile after them. The standard library's and the system's own come first, as they would.
#include <atomic>
#include <cerrno>
#include <chrono>
#include <climits>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <ios>
#include <istream>
#include <memory>
#include <optional>
#include <ostream>
#include <streambuf>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <utility>
#include <vector>

#ifdef _WIN32 // the real ones, all of them: no NOMINMAX, no WIN32_LEAN_AND_MEAN
#include <winsock2.h>
#include <ws2tcpip.h>

#include <windows.h>
#if __has_include(<afunix.h>)
#include <afunix.h>
#endif
#if !defined(ERROR) || !defined(interface) || !defined(near) || !defined(far)
#error "this test is to see what <windows.h> brings"
#endif
#else
#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/epoll.h>
#endif
#define ERROR 0
#define interface struct
#define near
#define far
#define IN
#define OUT
#define OPTIONAL
#define CONST const
#define DELETE 0x00010000L
#define SendMessage SendMessageW
#define TRUE 1
#define FALSE 0
#endif

#ifndef min // MinGW spares C++ these
#define min(a, b) ((a) < (b) ? (a) : (b))
#define max(a, b) ((a) > (b) ? (a) : (b))
#endif
#ifndef small
#define small char
#endif

#define forever for (;;)
#define foreach(variable, container) for (variable : container)
#define emit
#define signals public
#define slots

#define check(assertion) static_assert(false)
#define verify(assertion) static_assert(false)
#define require(assertion, label) static_assert(false)
#define check_noerr(error) static_assert(false)
#define ncheck(assertion) static_assert(false)
#define require_noerr(error, label) static_assert(false)
#define require_action(assertion, label, action) static_assert(false)

#define None 0L
#define Success 0
#define Status int
#define Bool int
#define True 1
#define False 0
#define Always 2
#define Unsorted 0
#define Complex 0
#define CursorShape 0
#define KeyPress 2
#define FocusIn 9
#define Expose 12
#define GrayScale 1

#include <sockets/all.hpp>

#include <sockets/detail/deadline.hpp>
#include <sockets/detail/escapes.hpp>
#include <sockets/detail/handle.hpp>
#include <sockets/detail/hints.hpp>
#include <sockets/detail/hosts.hpp>
#include <sockets/detail/lock.hpp>
#include <sockets/detail/platform.hpp>
#include <sockets/detail/primitives.hpp>
#include <sockets/detail/reasons.hpp>
#include <sockets/detail/selector_epoll.hpp>
#include <sockets/detail/selector_poll.hpp>
#include <sockets/detail/sockaddr.hpp>
#include <sockets/detail/watch.hpp>
#include <sockets/detail/what_compiles.hpp>

// Templates are read once more where they are used.
void use(sockets::TcpSocket& client, sockets::Selector& selector, sockets::TcpListener& server);
void use(sockets::TcpSocket& client, sockets::Selector& selector, sockets::TcpListener& server) {
    client.set_option(SOL_SOCKET, SO_RCVBUF, client.option<int>(SOL_SOCKET, SO_RCVBUF));
    client.send_all("hola");
    selector.add(client, sockets::Interest::read_write);
    selector.modify(client, sockets::Interest::write);
    selector.remove(client);
    for (const sockets::Ready& ready : selector.select(std::chrono::seconds(1)))
        if (ready.is(server)) (void)server.try_accept();
}
