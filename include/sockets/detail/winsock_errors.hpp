/// @file
/// @brief Winsock's error codes as a std::error_category that std::errc understands.
///
/// MinGW's own system_category never equals std::errc for them, and on a Spanish Windows the words come in
/// the system's code page.
#pragma once

#include <cstddef>
#include <string>
#include <system_error>

#include <winsock2.h>

namespace sockets::detail {

/// One line of the table: Winsock's number, its name in C++, and words for where Windows knows none.
struct WinsockError {
    int code;
    std::errc condition;
    const char* words;
};

inline constexpr WinsockError winsock_errors[] = {
    {WSAEINTR, std::errc::interrupted, "Interrupted call"},
    {WSAEBADF, std::errc::bad_file_descriptor, "Bad file descriptor"},
    {WSAEACCES, std::errc::permission_denied, "Permission denied"},
    {WSAEFAULT, std::errc::bad_address, "Bad address"},
    {WSAEINVAL, std::errc::invalid_argument, "Invalid argument"},
    {WSAEMFILE, std::errc::too_many_files_open, "Too many open sockets"},
    {WSAEWOULDBLOCK, std::errc::operation_would_block, "Resource temporarily unavailable"},
    {WSAEINPROGRESS, std::errc::operation_in_progress, "Operation now in progress"},
    {WSAEALREADY, std::errc::connection_already_in_progress, "Operation already in progress"},
    {WSAENOTSOCK, std::errc::not_a_socket, "Not a socket"},
    {WSAEDESTADDRREQ, std::errc::destination_address_required, "Destination address required"},
    {WSAEMSGSIZE, std::errc::message_size, "Message too long"},
    {WSAEPROTOTYPE, std::errc::wrong_protocol_type, "Wrong protocol type for this socket"},
    {WSAENOPROTOOPT, std::errc::no_protocol_option, "Protocol option not available"},
    {WSAEPROTONOSUPPORT, std::errc::protocol_not_supported, "Protocol not supported"},
    {WSAESOCKTNOSUPPORT, std::errc::not_supported, "Socket type not supported"},
    {WSAEOPNOTSUPP, std::errc::operation_not_supported, "Operation not supported"},
    {WSAEPFNOSUPPORT, std::errc::address_family_not_supported, "Protocol family not supported"},
    {WSAEAFNOSUPPORT, std::errc::address_family_not_supported, "Address family not supported"},
    {WSAEADDRINUSE, std::errc::address_in_use, "Address already in use"},
    {WSAEADDRNOTAVAIL, std::errc::address_not_available, "Cannot assign requested address"},
    {WSAENETDOWN, std::errc::network_down, "Network is down"},
    {WSAENETUNREACH, std::errc::network_unreachable, "Network is unreachable"},
    {WSAENETRESET, std::errc::network_reset, "Network dropped connection on reset"},
    {WSAECONNABORTED, std::errc::connection_aborted, "Connection aborted"},
    {WSAECONNRESET, std::errc::connection_reset, "Connection reset by peer"},
    {WSAENOBUFS, std::errc::no_buffer_space, "No buffer space available"},
    {WSAEISCONN, std::errc::already_connected, "Socket is already connected"},
    {WSAENOTCONN, std::errc::not_connected, "Socket is not connected"},
    {WSAESHUTDOWN, std::errc::broken_pipe, "Broken pipe: this side has been shut down"},
    {WSAETIMEDOUT, std::errc::timed_out, "Connection timed out"},
    {WSAECONNREFUSED, std::errc::connection_refused, "Connection refused"},
    {WSAENAMETOOLONG, std::errc::filename_too_long, "File name too long"},
    {WSAEHOSTDOWN, std::errc::host_unreachable, "Host is down"},
    {WSAEHOSTUNREACH, std::errc::host_unreachable, "No route to host"},
    {WSA_NOT_ENOUGH_MEMORY, std::errc::not_enough_memory, "Out of memory"},
    {ERROR_FILE_NOT_FOUND, std::errc::no_such_file_or_directory, "No such file or directory"},
    {ERROR_FILE_EXISTS, std::errc::file_exists, "File exists"},
};

inline const WinsockError* find_winsock_error(int code) noexcept {
    for (const WinsockError& error : winsock_errors)
        if (error.code == code) return &error;
    return nullptr;
}

class WinsockCategory : public std::error_category {
public:
    const char* name() const noexcept override { return "winsock"; }

    std::error_condition default_error_condition(int code) const noexcept override {
        const WinsockError* error = find_winsock_error(code);
        return error ? std::make_error_condition(error->condition) : std::error_condition(code, *this);
    }

    /// Windows' words, as UTF-8 and without the line end that Windows gives them.
    std::string message(int code) const override {
        wchar_t wide[512];
        const DWORD length = ::FormatMessageW(FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS |
                                                  FORMAT_MESSAGE_MAX_WIDTH_MASK,
                                              nullptr, static_cast<DWORD>(code), 0, wide, 512, nullptr);
        char text[1536];
        const int size = ::WideCharToMultiByte(CP_UTF8, 0, wide, static_cast<int>(length), text, sizeof text,
                                               nullptr, nullptr);
        std::string words(text, static_cast<std::size_t>(size > 0 ? size : 0));
        words.resize(words.find_last_not_of(" .\r\n") + 1);
        if (!words.empty()) return words;
        const WinsockError* error = find_winsock_error(code);
        return error ? error->words : "Winsock error " + std::to_string(code);
    }
};

inline const std::error_category& winsock_category() noexcept {
    static const WinsockCategory category;
    return category;
}

} // namespace sockets::detail
