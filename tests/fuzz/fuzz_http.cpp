// A request that is taken is one that every program reads alike; an answer, an address and a chunk are whole or refused.

#include <stdexcept>
#include <vector>

#include "../../examples/12_web/http.hpp"
#include "../../examples/12_web/http_answer.hpp"
#include "promise.hpp"

extern const std::vector<std::string> seeds;
const std::vector<std::string> seeds = {
    "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    "HEAD /a%20b?c=d HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
    "GET http://x/y HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello",
    "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "http://[::1]:8080/a?b#c",
    "HTTP/1.1 200 OK",
    "Content-Length: 12",
    "1a;x=y",
    "GET /%2e%2e/ HTTP/1.1\r\nHost : x\r\n\r\n"};

namespace {

void as_request(std::string bytes) try {
    const std::string before = bytes;
    while (const auto request = http::next_request(bytes)) {
        promise(request->method == "GET" || request->method == "HEAD");
        promise(!request->path.empty() && request->path.front() == '/' &&
                request->path.find('\0') == std::string::npos);
        promise(http::percent_decoded(http::percent_encoded(request->path)) == request->path);
    }
    promise(bytes.size() <= before.size() &&
            before.compare(before.size() - bytes.size(), bytes.size(), bytes) == 0);
    promise(!http::has_bare_line_end(bytes));
} catch (const http::Refused& why) {
    promise(std::string(http::reason(why.status)) != "Internal Server Error");
}

void as_answer(std::string_view text) try {
    http::Answer answer;
    http::understand(text, answer);
    answer.status = http::status_of(text);
    promise(answer.status >= 100 && answer.status <= 999);
} catch (const std::runtime_error&) {}

void as_url(std::string_view text) try {
    const http::Url url = http::url(text);
    promise(!url.host.empty() && url.port >= 0 && url.port <= 65535 && url.target.front() == '/');
    promise(url.target.find_first_of("\r\n #") == std::string::npos &&
            url.host.find_first_of("\r\n /") == std::string::npos);
} catch (const std::runtime_error&) {}

void as_chunk(std::string_view text) try { (void)http::chunk_size(text); } catch (const std::runtime_error&) {
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = text_of(data, size);
    as_request(std::string(text));
    as_answer(text);
    as_url(text);
    as_chunk(text);
    return 0;
}
