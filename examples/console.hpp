// What the examples need besides sockets: their command line, and a screen and keyboard that know
// Spanish on every system. Not part of the library.
#pragma once

#include <sockets/trace.hpp>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <iostream>
#include <iterator>
#include <mutex>
#include <optional>
#include <streambuf>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#ifdef _WIN32
#include <winsock2.h> // before windows.h
#include <windows.h>

#include <fcntl.h>
#include <io.h>
#include <shellapi.h>
#else
#include <sys/ioctl.h>
#include <unistd.h>
#endif

namespace console {

#ifdef _WIN32

inline std::string utf8(const wchar_t* text) {
    const int size = WideCharToMultiByte(CP_UTF8, 0, text, -1, nullptr, 0, nullptr, nullptr);
    std::string bytes(static_cast<std::size_t>(size > 0 ? size - 1 : 0), '\0');
    WideCharToMultiByte(CP_UTF8, 0, text, -1, bytes.data(), size, nullptr, nullptr);
    return bytes;
}

inline std::wstring utf16(const std::string& bytes) {
    const auto size = static_cast<int>(bytes.size());
    const int room = MultiByteToWideChar(CP_UTF8, 0, bytes.data(), size, nullptr, 0);
    std::wstring wide(static_cast<std::size_t>(room), L'\0');
    MultiByteToWideChar(CP_UTF8, 0, bytes.data(), size, wide.data(), room);
    return wide;
}

// Windows gives main() its arguments in an old code page, where ñ or á may be missing.
inline std::vector<std::string> words_of(int, char**) {
    int count = 0;
    wchar_t** wide = CommandLineToArgvW(GetCommandLineW(), &count);
    std::vector<std::string> words;
    for (int i = 1; i < count; ++i) words.push_back(utf8(wide[i]));
    LocalFree(wide);
    return words;
}

// The screen takes UTF-16 as it is; bytes it would take for those of some code page, one by one.
class WideScreen : public std::streambuf {
public:
    explicit WideScreen(HANDLE screen) : screen_(screen) {}

private:
    std::streamsize xsputn(const char* text, std::streamsize size) override {
        const std::wstring wide = utf16({text, static_cast<std::size_t>(size)});
        WriteConsoleW(screen_, wide.data(), static_cast<DWORD>(wide.size()), nullptr, nullptr);
        return size;
    }
    int overflow(int byte) override {
        const char text = static_cast<char>(byte);
        return static_cast<int>(xsputn(&text, 1));
    }

    HANDLE screen_;
};

// Whatever is no screen, a file or a pipe, gets the bytes.
inline void speak_utf8() {
    DWORD mode = 0;
    const HANDLE out = GetStdHandle(STD_OUTPUT_HANDLE);
    const HANDLE err = GetStdHandle(STD_ERROR_HANDLE);
    if (GetConsoleMode(out, &mode))
        std::cout.rdbuf(new WideScreen(out)); // as long as the program runs
    if (GetConsoleMode(err, &mode)) std::cerr.rdbuf(new WideScreen(err));
}
inline bool is_terminal() { return _isatty(_fileno(stdin)) != 0; }
inline int columns_of_screen() {
    CONSOLE_SCREEN_BUFFER_INFO screen;
    if (!GetConsoleScreenBufferInfo(GetStdHandle(STD_OUTPUT_HANDLE), &screen)) return 0;
    return screen.srWindow.Right - screen.srWindow.Left + 1;
}

// Until somebody types. A line is echoed where the cursor was when its reading began: nothing that
// is printed before the first key shall come in between.
inline void wait_for_key(HANDLE keyboard) {
    INPUT_RECORD record;
    DWORD count = 0;
    while (WaitForSingleObject(keyboard, INFINITE) == WAIT_OBJECT_0 &&
           PeekConsoleInputW(keyboard, &record, 1, &count)) {
        if (count > 0 && record.EventType == KEY_EVENT && record.Event.KeyEvent.bKeyDown) return;
        if (count > 0) ReadConsoleInputW(keyboard, &record, 1, &count); // a key's end, the focus
    }
}

// One line of a console: byte by byte Windows would lose ñ and á, whatever the code page.
inline bool read_terminal_line(std::string& line) {
    std::wstring wide;
    wchar_t piece[256];
    DWORD count = 1;
    const HANDLE keyboard = GetStdHandle(STD_INPUT_HANDLE);
    wait_for_key(keyboard);
    while (count > 0 && (wide.empty() || wide.back() != L'\n')) {
        if (!ReadConsoleW(keyboard, piece, 256, &count, nullptr)) return false;
        wide.append(piece, count);
    }
    const bool end_typed = !wide.empty() && wide[0] == 26; // Ctrl+Z
    while (!wide.empty() && (wide.back() == L'\n' || wide.back() == L'\r')) wide.pop_back();
    line = utf8(wide.c_str());
    return count > 0 && !end_typed;
}
inline std::string read_some() {
    std::string line;
    if (is_terminal()) return read_terminal_line(line) ? line + "\n" : "";
    char piece[8192];
    const int count = _read(_fileno(stdin), piece, sizeof piece);
    if (count < 0) throw std::system_error(errno, std::generic_category(), "entrada");
    return {piece, static_cast<std::size_t>(count)};
}
inline constexpr const char* terminal = "CONIN$";
inline void bytes_as_they_are() {
    (void)_setmode(_fileno(stdin), _O_BINARY);
    (void)_setmode(_fileno(stdout), _O_BINARY);
}

#else

inline std::vector<std::string> words_of(int argc, char** argv) {
    return {argv + (argc > 0), argv + argc};
}
inline constexpr const char* terminal = "/dev/tty";
inline void speak_utf8() {}
inline bool is_terminal() { return isatty(STDIN_FILENO) != 0; }
inline int columns_of_screen() {
    winsize size{};
    return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}
inline bool read_terminal_line(std::string& line) {
    return static_cast<bool>(std::getline(std::cin, line));
}

// What standard input has, as soon as it has something: a line of a terminal, what a pipe has been
// given, some kilobytes of a file. "": its end. (std::cin waits for more, or cannot say how much
// there is.)
inline std::string read_some() {
    char piece[8192];
    ssize_t count = 0;
    do count = ::read(STDIN_FILENO, piece, sizeof piece);
    while (count < 0 && errno == EINTR); // a signal came in between
    if (count < 0) throw std::system_error(errno, std::generic_category(), "entrada");
    return {piece, static_cast<std::size_t>(count)};
}
inline void bytes_as_they_are() {}

#endif

// At the end of the program: what it has printed may still wait, and the disk may be full.
inline void check_output() {
    if (std::cout.flush()) return;
    std::cerr << "no se pudo escribir todo en la salida\n";
    std::_Exit(1);
}

// How wide the screen is; of what is no screen, what COLUMNS says, or 80.
inline int columns() {
    if (const int screen = columns_of_screen()) return screen;
    const char* said = std::getenv("COLUMNS");
    const long columns = said ? std::strtol(said, nullptr, 10) : 0;
    return columns > 20 && columns < 1000 ? static_cast<int>(columns) : 80;
}

// The command line: words in their order, options anywhere. Wrong ones end the program with the
// usage and status 2.
class Arguments {
public:
    Arguments(int argc, char** argv, const std::string& usage)
        : usage_("uso: " + usage + " [--trace[=step|=compact|=ARCHIVO]]"),
          words_(words_of(argc, argv)) {
        speak_utf8();
        (void)std::atexit(check_output);
        trace();
        if (!flag("--help") && !flag("-h")) return;
        std::cout << usage_ << '\n';
        std::exit(0);
    }

    // The next word, or what is usual.
    std::string text(const std::string& usual) {
        if (words_.empty()) return usual;
        std::string word = words_.front();
        if (word.size() > 1 && word[0] == '-') refuse("opción desconocida: " + word);
        words_.erase(words_.begin());
        return word;
    }

    // A word that must be there.
    std::string needed(const std::string& name) {
        if (words_.empty()) refuse("falta " + name);
        return text("");
    }

    int port(int usual) { return port_of(text(std::to_string(usual))); }

    int port_of(const std::string& word) const {
        const bool digits =
            !word.empty() && word.find_first_not_of("0123456789") == std::string::npos;
        if (!digits || word.size() > 5 || std::stoi(word) > 65535)
            refuse("el puerto es un número de 0 a 65535, no " + word);
        return std::stoi(word);
    }

    bool flag(const std::string& name) {
        for (auto word = words_.begin(); word != words_.end(); ++word) {
            if (*word != name) continue;
            words_.erase(word);
            return true;
        }
        return false;
    }

    // The number after an option: --wait 5.
    int number(const std::string& name, int usual, int least = 0) {
        for (auto word = words_.begin(); word != words_.end(); ++word) {
            if (*word != name) continue;
            const std::string digits = word + 1 == words_.end() ? "" : *(word + 1);
            const bool sound = !digits.empty() && digits.size() < 10 &&
                               digits.find_first_not_of("0123456789") == std::string::npos;
            if (!sound || std::stoi(digits) < least)
                refuse("después de " + name + " va un número desde " + std::to_string(least));
            words_.erase(word, word + 2);
            return std::stoi(digits);
        }
        return usual;
    }

    // To be called last: nothing may be left.
    void done() {
        if (!words_.empty()) refuse("sobra: " + words_.front());
    }

private:
    // --trace: every primitive on the standard error output; =step: each waits for Enter; =compact:
    // in 48 columns; anything else: into that file.
    void trace() {
        sockets::TraceStyle style;
        style.waiting = "esperando";
        // From a moment that all programs of a machine share: two windows can be compared.
        const auto now = sockets::TraceStyle::Clock::now();
        style.zero = now - now.time_since_epoch() % std::chrono::seconds(1000);
        if (const char* zero = std::getenv("SOCKETS_TRACE_ZERO")) // the demo's: it begins with 0
            style.zero = sockets::TraceStyle::Clock::time_point() +
                         std::chrono::nanoseconds(std::strtoll(zero, nullptr, 10));
        for (auto word = words_.begin(); word != words_.end(); ++word) {
            if (*word != "--trace" && word->rfind("--trace=", 0) != 0) continue;
            const std::string how = word->substr(word->size() > 8 ? 8 : word->size());
            words_.erase(word);
            static std::ofstream file;
            if (how == "compact") style.columns = 48;
            else if (how == "step") style.before = wait_for_enter;
            else if (!how.empty()) file.open(how);
            if (!file) refuse("no se puede escribir en " + how);
            return sockets::trace_to(
                file.is_open() ? static_cast<std::ostream*>(&file) : &std::cerr, style);
        }
    }

    // The keyboard itself: standard input may be a file, or what the program reads.
    static void wait_for_enter(const std::string& call) {
        static std::ifstream keyboard(terminal);
        std::cerr << "Enter: " << call << ' ' << std::flush;
        std::string line;
        if (!std::getline(keyboard, line)) std::cerr << std::endl;
    }

    [[noreturn]] void refuse(const std::string& why) const {
        std::cerr << why << '\n' << usage_ << '\n';
        std::exit(2);
    }

    std::string usage_;
    std::vector<std::string> words_;
};

inline std::mutex screen; // one line at a time, from whatever thread

// One whole line on the screen, at once.
template <class... Parts>
void say(const Parts&... parts) {
    const std::lock_guard<std::mutex> lock(screen);
    (std::cout << ... << parts) << std::endl;
}

// For a server that goes on after an error. What has gone wrong with a client is over with it;
// whatever else, as accept without handles or memory, may fail again at once: a pause keeps the
// server from spinning.
inline void report(const std::exception& error) {
    {
        const std::lock_guard<std::mutex> lock(screen);
        std::cerr << error.what() << '\n';
    }
    const auto* failed = dynamic_cast<const sockets::Error*>(&error);
    for (const char* with_a_client : {"recv", "send", "shutdown"})
        if (failed && failed->primitive() == with_a_client) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
}

// One line from the keyboard, or from a file or pipe, without its end; nothing when there are no
// more.
inline std::optional<std::string> read_line() {
    std::string line;
    if (!(is_terminal() ? read_terminal_line(line) : bool(std::getline(std::cin, line)))) {
        if (is_terminal()) std::cout << std::endl; // the prompt's line ends here
        return std::nullopt;
    }
    if (!line.empty() && line.back() == '\r') line.pop_back();
    return line;
}

// Everything that comes from standard input until its end, byte by byte.
inline std::string read_all() {
    bytes_as_they_are();
    return {std::istreambuf_iterator<char>(std::cin), std::istreambuf_iterator<char>()};
}

//! [quoted]
// Bytes as Python shows them: b'Hello, world', b'\xc3\xb1\n'.
inline std::string quoted(const std::string& bytes) {
    const char quote =
        bytes.find('\'') != std::string::npos && bytes.find('"') == std::string::npos ? '"' : '\'';
    const char* digits = "0123456789abcdef";
    std::string text = {'b', quote};
    for (const char byte : bytes) {
        const auto value = static_cast<unsigned char>(byte);
        if (byte == '\n') text += "\\n";
        else if (byte == '\r') text += "\\r";
        else if (byte == '\t') text += "\\t";
        else if (byte == quote || byte == '\\') text += {'\\', byte};
        else if (value < 32 || value > 126)
            text += {'\\', 'x', digits[value / 16], digits[value % 16]};
        else text += byte;
    }
    return text + quote;
}
//! [quoted]

// How many bytes the UTF-8 character at `text[at]` has; 0 if it is none, -1 if its end has not come
// yet.
inline int character_size(const std::string& text, std::size_t at) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[at + i]); };
    const unsigned first = byte(0);
    const int size = first < 0x80   ? 1
                     : first < 0xc2 ? 0
                     : first < 0xe0 ? 2
                     : first < 0xf0 ? 3
                     : first < 0xf5 ? 4
                                    : 0;
    for (int i = 1; i < size; ++i) {
        if (at + static_cast<std::size_t>(i) == text.size()) return -1;
        const unsigned next = byte(static_cast<std::size_t>(i));
        unsigned low = 0x80;
        unsigned high = 0xbf;
        if (i == 1 && first == 0xe0) low = 0xa0;  // no longer form than needed
        if (i == 1 && first == 0xed) high = 0x9f; // no surrogates
        if (i == 1 && first == 0xf0) low = 0x90;
        if (i == 1 && first == 0xf4) high = 0x8f; // no more than U+10FFFF
        if (next < low || next > high) return 0;
    }
    return size;
}

//! [screen]
// Text that comes in pieces, for the screen: a character that a piece's end has cut waits for the
// rest, and what could move the reader's cursor or is no UTF-8 is shown as an escape.
class Screen {
public:
    std::string show(const std::string& piece) {
        const std::string text = waiting_ + piece;
        waiting_.clear();
        std::string shown;
        for (std::size_t at = 0; at < text.size();) {
            const int size = character_size(text, at);
            if (size < 0) {
                waiting_ = text.substr(at);
                break;
            }
            const auto first = static_cast<unsigned char>(text[at]);
            const bool c1_control =
                size == 2 && first == 0xc2 && static_cast<unsigned char>(text[at + 1]) < 0xa0;
            if (size == 0 || first < 32 || first == 127 || c1_control) shown += escape(text[at]);
            else shown += text.substr(at, static_cast<std::size_t>(size));
            if (c1_control) shown += escape(text[at + 1]);
            at += static_cast<std::size_t>(size > 0 ? size : 1);
        }
        return shown;
    }

private:
    static std::string escape(char byte) {
        const std::string shown = quoted(std::string(1, byte));
        return shown.substr(2, shown.size() - 3);
    }

    std::string waiting_;
};
//! [screen]

} // namespace console
