// Shows a recording: a column for each side, the client left and the server right of it, between two
// clients if there are two; where the screen is narrow, one column in which each row has its side's
// name.
#pragma once

#include <algorithm>
#include <cstdio>
#include <iostream>
#include <string>
#include <vector>

#include "../console.hpp"
#include "recording.hpp"

class Stage {
public:
    // `sides`: 2, or 3 with a second client.
    Stage(int columns, int sides, bool colours) : sides_(sides), colours_(colours) {
        columns_ = columns >= 100 ? sides : 1;
        const int room = columns - time_width - (columns_ == 1 ? name_width : 3 * (columns_ - 1));
        width_ = static_cast<std::size_t>(std::max(20, room / columns_));
    }

    void head() const {
        if (columns_ == 1) return;
        std::vector<std::string> names;
        for (int at = 0; at < columns_; ++at) names.push_back(name(side_at(at)));
        row("", names);
        for (std::string& line : names) line = std::string(width_, '-');
        row("", names);
    }

    void show(const Event& event) const {
        std::string time = time_of(event.time);
        std::string who = name(event.side);
        for (const std::string& piece : pieces(mark(event))) {
            if (columns_ == 1) {
                std::cout << pad(time, time_width) << pad(who, name_width - 2) << "| "
                          << coloured(event.side, piece) << '\n';
                who.clear();
            } else {
                std::vector<std::string> cells(static_cast<std::size_t>(columns_));
                for (int at = 0; at < columns_; ++at)
                    if (side_at(at) == event.side) cells[static_cast<std::size_t>(at)] = piece;
                row(time, cells);
            }
            time.clear();
        }
        std::cout << std::flush;
    }

    // What is about to happen.
    std::string announced(const Event& event) const {
        if (event.kind == Event::typed) return name(event.side) + " escribe: " + event.text;
        const std::string& call = event.text;
        std::size_t end = call.find(") = ");
        if (end == std::string::npos) end = call.find("): ");
        return name(event.side) + ": " + call.substr(0, end == std::string::npos ? end : end + 1);
    }

private:
    static constexpr int time_width = 9;
    static constexpr int name_width = 12;

    // Which side a column shows: client, server, second client.
    int side_at(int column) const { return column == 0 ? 1 : column == 1 ? 0 : 2; }

    std::string name(int side) const {
        if (side == 0) return "servidor";
        return sides_ == 2 ? "cliente" : "cliente " + std::to_string(side);
    }

    // A primitive begins with its socket; behind > stands what is typed; the rest is printed.
    static std::string mark(const Event& event) {
        return event.kind == Event::typed ? "> " + event.text : event.text;
    }

    static std::string time_of(double seconds) {
        char text[32];
        std::snprintf(text, sizeof text, "%8.4f", seconds);
        return text;
    }

    void row(const std::string& time, const std::vector<std::string>& cells) const {
        std::cout << pad(time, time_width);
        for (int at = 0; at < columns_; ++at) {
            const std::string& cell = cells[static_cast<std::size_t>(at)];
            const bool last = at + 1 == columns_;
            const std::string gap(last ? 0 : width_ - size(cell), ' ');
            std::cout << coloured(side_at(at), cell) << gap << (last ? "" : " | ");
        }
        std::cout << '\n';
    }

    std::string coloured(int side, const std::string& text) const {
        static const char* const codes[] = {"\x1b[33m", "\x1b[36m", "\x1b[35m"};
        return colours_ && !text.empty() ? codes[side] + text + "\x1b[0m" : text;
    }

    static std::string pad(const std::string& text, int width) {
        const std::size_t wanted = static_cast<std::size_t>(width);
        return text + std::string(wanted - std::min(wanted, size(text)), ' ');
    }

    // In characters, not bytes.
    static std::size_t size(const std::string& text) {
        std::size_t count = 0;
        for (const char byte : text)
            count += (static_cast<unsigned char>(byte) & 0xc0U) != 0x80U ? 1 : 0;
        return count;
    }

    // Lines as long as a column is wide, no word broken unless it is longer than that.
    std::vector<std::string> pieces(const std::string& text) const {
        std::vector<std::string> all(1);
        for (std::size_t at = 0; at < text.size();) {
            std::size_t end = text.find(' ', at);
            end = end == std::string::npos ? text.size() : end + 1;
            std::string word = text.substr(at, end - at);
            at = end;
            if (size(all.back()) + size(trimmed(word)) > width_) all.emplace_back("  ");
            while (size(all.back()) + size(trimmed(word)) > width_) {
                const std::size_t room = width_ - size(all.back());
                std::size_t cut = 0;
                for (std::size_t taken = 0; taken < room; ++taken)
                    cut +=
                        static_cast<std::size_t>(std::max(1, console::character_size(word, cut)));
                all.back() += word.substr(0, cut);
                word.erase(0, cut);
                all.emplace_back("  ");
            }
            all.back() += word;
        }
        for (std::string& piece : all) piece = trimmed(piece);
        return all;
    }

    static std::string trimmed(const std::string& text) {
        return text.substr(0, text.find_last_not_of(' ') + 1);
    }

    int sides_;
    bool colours_;
    int columns_ = 1;
    std::size_t width_ = 80;
};
