// A program started by another one: what it prints can be read while it runs, and it never outlives
// its starter.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#ifdef _WIN32
#include <windows.h>
#else
#include <csignal>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;
#endif

// For the programs started from now on.
inline void set_environment(const char* name, const std::string& value) {
#ifdef _WIN32
    SetEnvironmentVariableA(name, value.c_str());
#else
    setenv(name, value.c_str(), 1);
#endif
}

class Process {
public:
    // `listen` gets what is printed, as it comes.
    using Listener = std::function<void(const std::string&)>;
    Process(const std::vector<std::string>& command, Listener listen) : listen_(std::move(listen)) {
        start(command);
        reader_ = std::thread([this] { read(); });
    }
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;
    ~Process() {
        end();
        (void)wait();
        close_input();
    }

    // Waits until the program has closed its output, which it does at the latest when it ends.
    bool wait_for_end(std::chrono::milliseconds time) {
        std::unique_lock<std::mutex> lock(mutex_);
        return changed_.wait_for(lock, time, [&] { return over_; });
    }

    void write(const std::string& text);
    void close_input();
    void end(); // at once
    int wait(); // until it has ended; its exit status, -1 if it was ended

private:
    void start(const std::vector<std::string>& command);
    long read_some(char* buffer, unsigned size);

    void read() {
        char buffer[4096];
        for (long count = 1; count > 0;) {
            count = read_some(buffer, sizeof buffer);
            if (count > 0) listen_({buffer, static_cast<std::size_t>(count)});
        }
        const std::lock_guard<std::mutex> lock(mutex_);
        over_ = true;
        changed_.notify_all();
    }

    Listener listen_;
    std::thread reader_;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool over_ = false;
    int status_ = -1;

#ifdef _WIN32
    HANDLE process_ = nullptr;
    HANDLE input_ = nullptr;
    HANDLE printed_ = nullptr;
};

inline void Process::start(const std::vector<std::string>& command) {
    std::string line = "\"" + command.front() + ".exe\"";
    for (std::size_t i = 1; i < command.size(); ++i) line += " \"" + command[i] + "\"";
    SECURITY_ATTRIBUTES inherited{sizeof inherited, nullptr, TRUE};
    HANDLE input = nullptr;
    HANDLE printed = nullptr;
    if (!CreatePipe(&input, &input_, &inherited, 0) ||
        !CreatePipe(&printed_, &printed, &inherited, 0))
        throw std::runtime_error("CreatePipe");
    SetHandleInformation(input_, HANDLE_FLAG_INHERIT, 0);
    SetHandleInformation(printed_, HANDLE_FLAG_INHERIT, 0);
    STARTUPINFOA startup{};
    startup.cb = sizeof startup;
    startup.dwFlags = STARTF_USESTDHANDLES;
    startup.hStdInput = input;
    startup.hStdOutput = printed;
    startup.hStdError = printed;
    PROCESS_INFORMATION information{};
    const BOOL started = CreateProcessA(nullptr, line.data(), nullptr, nullptr, TRUE, 0, nullptr,
                                        nullptr, &startup, &information);
    CloseHandle(input);
    CloseHandle(printed);
    if (!started) throw std::runtime_error("no se puede iniciar " + command.front());
    CloseHandle(information.hThread);
    process_ = information.hProcess;
}

inline long Process::read_some(char* buffer, unsigned size) {
    DWORD count = 0;
    return ReadFile(printed_, buffer, size, &count, nullptr) ? static_cast<long>(count) : -1;
}

inline void Process::write(const std::string& text) {
    DWORD written = 0;
    (void)WriteFile(input_, text.data(), static_cast<DWORD>(text.size()), &written, nullptr);
}

inline void Process::close_input() {
    if (input_) CloseHandle(input_);
    input_ = nullptr;
}

inline void Process::end() {
    if (process_) TerminateProcess(process_, 1);
}

inline int Process::wait() {
    if (!process_) return status_;
    WaitForSingleObject(process_, INFINITE);
    DWORD status = 1;
    GetExitCodeProcess(process_, &status);
    CloseHandle(process_);
    process_ = nullptr;
    reader_.join();
    CloseHandle(printed_);
    return status_ = static_cast<int>(status);
}

#else
    pid_t process_ = 0;
    int input_ = -1;
    int printed_ = -1;
};

inline void Process::start(const std::vector<std::string>& command) {
    int to[2];
    int from[2];
    if (pipe(to) != 0 || pipe(from) != 0) throw std::runtime_error("pipe");
    for (const int end : {to[0], to[1], from[0], from[1]}) (void)fcntl(end, F_SETFD, FD_CLOEXEC);
    input_ = to[1];
    printed_ = from[0];
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, to[0], 0);
    posix_spawn_file_actions_adddup2(&actions, from[1], 1);
    posix_spawn_file_actions_adddup2(&actions, from[1], 2);
    std::vector<char*> words;
    for (const std::string& word : command) words.push_back(const_cast<char*>(word.c_str()));
    words.push_back(nullptr);
    const int failed = posix_spawnp(&process_, words[0], &actions, nullptr, words.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    close(to[0]);
    close(from[1]);
    if (failed != 0) throw std::runtime_error("no se puede iniciar " + command.front());
    std::signal(SIGPIPE, SIG_IGN); // write() may find that the program has gone
}

inline long Process::read_some(char* buffer, unsigned size) {
    return ::read(printed_, buffer, size);
}

inline void Process::write(const std::string& text) {
    for (std::size_t done = 0; done < text.size();) {
        const ssize_t count = ::write(input_, text.data() + done, text.size() - done);
        if (count <= 0) return;
        done += static_cast<std::size_t>(count);
    }
}

inline void Process::close_input() {
    if (input_ >= 0) close(input_);
    input_ = -1;
}

inline void Process::end() {
    if (process_ > 0) (void)kill(process_, SIGKILL);
}

inline int Process::wait() {
    if (process_ <= 0) return status_;
    int status = 0;
    (void)waitpid(process_, &status, 0);
    process_ = 0;
    reader_.join();
    close(printed_);
    return status_ = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

#endif
