/// @file
/// @brief TraceText: the pieces of a line of the trace. Part of trace.hpp.

namespace sockets::detail {

/// The pieces of a line.
struct TraceText {
    static std::string time(std::chrono::nanoseconds since) {
        const long long micros = since.count() / 1000;
        char text[48]; // in whole numbers: a locale would write 0,000213
        std::snprintf(text, sizeof text, "%2lld.%06lld ", micros / 1000000, micros % 1000000);
        return text;
    }

    static std::string name(NativeHandle handle) {
        return handle == no_handle ? "[closed]" : "[" + std::to_string(handle) + "]";
    }

    /// Empty if the system has filled in nobody's.
    static std::string address(const sockaddr* address, socklen_t size) {
        try {
            return Address::from(address, size).to_string();
        } catch (const Error&) {
            return "";
        }
    }

    static std::string space_and_address(const sockaddr* address, socklen_t size) {
        const std::string text = TraceText::address(address, size);
        return text.empty() ? text : " " + text;
    }

    static std::string local_address(NativeHandle handle) {
        Sockaddr answer;
        answer.size = sizeof answer.room;
        if (::getsockname(handle, &answer.any, &answer.size) != 0) return "";
        return address(&answer.any, answer.size);
    }

    static std::string addresses(const AddressInfo* entry) {
        std::string text;
        for (; entry; entry = entry->ai_next)
            text.append(text.empty() ? "" : ", ")
                .append(address(entry->ai_addr, static_cast<socklen_t>(entry->ai_addrlen)));
        return text;
    }

    static std::string socket(int domain, int type) {
        const std::string family = domain == AF_INET    ? "ipv4"
                                   : domain == AF_INET6 ? "ipv6"
                                   : domain == AF_UNIX  ? "local"
                                                        : "packet";
        const char* kind = type == SOCK_STREAM ? "stream" : type == SOCK_DGRAM ? "datagram" : "raw";
        return "socket(" + family + ", " + kind + ")";
    }

    static bool is_stream(NativeHandle handle) {
        int type = 0;
        socklen_t size = sizeof type;
        return get_option(handle, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_STREAM;
    }

    static const char* side(int how) {
        return how == shutdown_send ? "send" : how == shutdown_receive ? "receive" : "both";
    }

    static std::string ready(const Ready* ready, std::size_t count) {
        std::string text = count == 0 ? "nobody" : "";
        for (std::size_t i = 0; i < count && text.size() < 100; ++i)
            text.append(i == 0 ? "" : ", ")
                .append(name(ready[i].handle))
                .append(ready[i].readable ? " readable" : "")
                .append(ready[i].writable ? " writable" : "");
        return text;
    }

    /// 9: "pues hola", cut after so many characters.
    static std::string bytes(const void* bytes, std::ptrdiff_t size, std::size_t most) {
        const std::string_view text(static_cast<const char*>(bytes), static_cast<std::size_t>(size));
        return std::to_string(size) + ": " + quoted(text, most);
    }

    /// Not in the middle of a character of several bytes.
    static std::string cut(const std::string& line, std::size_t columns) {
        if (line.size() <= columns) return line;
        std::size_t end = columns - 3;
        while (end > 0 && (static_cast<unsigned char>(line[end]) & 0xc0) == 0x80) --end;
        return line.substr(0, end) + "...";
    }
};

} // namespace sockets::detail
