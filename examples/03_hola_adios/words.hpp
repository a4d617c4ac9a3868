// The words of document 001: hola and adios, bare, one after another, with nothing in between to
// tell where one ends. They may come cut (ho, la) or glued (holaadios). Knows no socket.
#pragma once

#include <optional>
#include <string>

enum class Word { hola, adios, unknown };

class Words {
public:
    void append(const std::string& bytes) {
        if (skipping_ && !starts_with_word(bytes)) {
            const std::size_t end = bytes.find('\n');
            if (end == std::string::npos) return; // still the same nonsense: nothing of it is kept
            skipping_ = false;
            bytes_ = bytes.substr(end + 1);
            return;
        }
        skipping_ = false;
        bytes_ += bytes;
    }

    // The next word; nothing: it has not come whole yet.
    std::optional<Word> next() {
        bytes_.erase(0, bytes_.find_first_not_of(" \t\r\n"));
        if (take("hola")) return Word::hola;
        if (take("adios")) return Word::adios;
        if (begins("hola", bytes_) || begins("adios", bytes_)) return std::nullopt;
        const std::size_t end = bytes_.find('\n');
        skipping_ = end == std::string::npos;
        bytes_.erase(0, skipping_ ? end : end + 1);
        return Word::unknown;
    }

private:
    static bool begins(const std::string& whole, const std::string& start) {
        return whole.compare(0, start.size(), start) == 0;
    }

    static bool starts_with_word(const std::string& bytes) {
        return begins(bytes, "hola") || begins(bytes, "adios");
    }

    bool take(const std::string& word) {
        if (!begins(bytes_, word)) return false;
        bytes_.erase(0, word.size());
        return true;
    }

    std::string bytes_;
    bool skipping_ = false; // until the end of a line that is not understood
};
