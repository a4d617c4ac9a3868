// How messages travel: each is a line. The document's programs know no lines: there one recv is one
// message, so that two may come glued and one may come cut.
#pragma once

#include <sockets/lines.hpp>

#include <optional>
#include <string>
#include <utility>

namespace chat {

class Wire {
public:
    Wire(bool document, std::size_t longest) : document_(document), lines_(longest) {}

    std::string framed(const std::string& message) const {
        return document_ ? message : message + "\n";
    }

    // What one recv has given.
    void append(const std::string& bytes) {
        if (document_) message_ = bytes.substr(0, bytes.find_last_not_of("\r\n") + 1);
        else lines_.append(bytes);
    }

    // The next message, if it has come whole.
    std::optional<std::string> next() {
        return document_ ? std::exchange(message_, std::nullopt) : lines_.next();
    }

private:
    bool document_;
    sockets::LineBuffer lines_;
    std::optional<std::string> message_;
};

} // namespace chat
