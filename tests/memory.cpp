// When memory runs out: errors can be copied all the same, nothing received is lost, no destructor ends the program.

#include "support.hpp"

#include <cstdlib>
#include <memory>
#include <new>
#include <optional>
#include <sstream>

using namespace support;

namespace {

long until_failure = 0; // how many more allocations until one fails; 0: none does
bool for_good = false;  // and all after it

bool is_out_of_memory() {
    if (until_failure == 0 || --until_failure != 0) return false;
    if (for_good) until_failure = 1;
    return true;
}

} // namespace

void* operator new(std::size_t size) {
    void* const room = is_out_of_memory() ? nullptr : std::malloc(size == 0 ? 1 : size);
    if (!room) throw std::bad_alloc();
    return room;
}
void operator delete(void* room) noexcept { std::free(room); }
void operator delete(void* room, std::size_t) noexcept { std::free(room); }

namespace {

/// While it lives, the allocation with this number fails, counted from 1, or all from that one on.
class Short {
public:
    explicit Short(long allocation, bool all_after = false) {
        for_good = all_after;
        until_failure = allocation;
    }
    ~Short() { until_failure = 0; }
    Short(const Short&) = delete;
    Short& operator=(const Short&) = delete;
};

/// Whether @p action ran out of memory.
template <class Action>
bool fails_without_memory(long allocation, Action action) {
    const Short memory(allocation);
    try {
        action();
    } catch (const std::bad_alloc&) {
        return true;
    }
    return false;
}

/// What a reader has before anything is taken: two lines of three thousand bytes, all of them here.
struct Scene {
    Scene() {
        ends.client.send_all(line + "\n" + line + "\n");
        ends.client.shutdown();
        while (!ends.server.wait_readable(patience)) {}
    }

    static std::string make_line() {
        Bytes bytes;
        std::string line = bytes.next(3000);
        for (char& byte : line)
            if (byte == '\n' || byte == '\r') byte = 'x';
        return line;
    }

    Connection ends = patient_connection();
    std::string line = make_line();
    LineReader reader{ends.server};
};

} // namespace

TEST_CASE("Error: is copied without memory, however long the name of its primitive") {
    Connection both = connection();
    const Error errors[] = {error_of([&] { (void)both.client.recv(0); }),
                            error_of([&] { both.client.set_recv_timeout(milliseconds(-1)); })};
    CHECK(errors[1].primitive().size() > 15); // more than a std::string holds in itself
    for (const Error& error : errors) {
        std::optional<Error> copy;
        std::optional<Error> assigned(Error(std::error_code(), "another"));
        {
            const Short memory(1, true);
            copy.emplace(error);
            *assigned = error;
        }
        CHECK(copy->what() == std::string(error.what()));
        CHECK(copy->primitive() == error.primitive());
        CHECK(assigned->what() == std::string(error.what()));
        CHECK(assigned->code() == error.code());
    }
}

TEST_CASE("LineReader: next loses nothing when memory runs out, whichever allocation it is") {
    long allocation = 0;
    for (bool failed = true; failed;) {
        Scene at;
        std::optional<std::string> line;
        failed = fails_without_memory(++allocation, [&] { line = at.reader.next(); });
        CAPTURE(allocation);
        if (failed) line = at.reader.next();
        CHECK((line && *line == at.line));
        line = at.reader.next();
        CHECK((line && *line == at.line));
        CHECK(!at.reader.next());
    }
    CHECK(allocation > 1); // some did fail
}

TEST_CASE("LineReader: recv_exactly, recv and rest lose nothing when memory runs out") {
    for (int way = 0; way < 4; ++way) {
        CAPTURE(way);
        long allocation = 0;
        for (bool failed = true; failed;) {
            Scene at;
            const std::string all = at.line + "\n" + at.line + "\n";
            const bool first_line = way > 0; // so that it holds something
            std::string got;
            if (first_line) got = *at.reader.next() + "\n";
            const auto take = [&] {
                if (way == 0) return at.reader.recv_exactly(all.size());
                if (way == 1) return at.reader.recv_exactly(at.line.size());
                if (way == 2) return at.reader.recv(1000);
                return at.reader.rest();
            };
            std::string taken;
            failed = fails_without_memory(++allocation, [&] { taken = take(); });
            CAPTURE(allocation);
            got += failed ? take() : taken;
            while (got.size() < all.size()) got += at.reader.recv_exactly(all.size() - got.size());
            CHECK(got == all);
            CHECK(error_of([&] { (void)at.reader.recv_exactly(1); }).code() == StreamErrc::ended);
        }
        CHECK(allocation > 1);
    }
}

TEST_CASE("LineReader: recv_exactly that ran out of time keeps what came, also when memory runs out then") {
    long allocation = 0;
    for (bool failed = true; failed;) {
        Connection ends = patient_connection();
        LineReader reader(ends.server);
        ends.client.send_all(std::string(2000, 'a'));
        REQUIRE(ends.server.wait_readable(patience));
        ends.server.set_recv_timeout(soon);
        bool late = false;
        failed = fails_without_memory(++allocation, [&] {
            try {
                (void)reader.recv_exactly(4000);
            } catch (const Error&) {
                late = true;
            }
        });
        CAPTURE(allocation);
        CHECK(late == !failed);
        ends.client.send_all(std::string(2000, 'b'));
        ends.server.set_recv_timeout(patience);
        CHECK(reader.recv_exactly(4000) == std::string(2000, 'a') + std::string(2000, 'b'));
    }
    CHECK(allocation > 1);
}

TEST_CASE("LineBuffer: append that has no memory leaves what was there") {
    LineBuffer lines;
    lines.append("uno\ndos");
    const std::string more(10000, 'x');
    CHECK(fails_without_memory(1, [&] { lines.append(more); }));
    lines.append("\ntres");
    CHECK(*lines.next() == "uno");
    CHECK(*lines.next() == "dos");
    CHECK(lines.rest() == "tres");
}

TEST_CASE("TcpStream: the destructor does not end the program when memory runs out") {
    for (const bool all_after : {false, true}) {
        for (long allocation = 1; allocation <= 8; ++allocation) {
            Connection ends = patient_connection();
            auto stream = std::make_unique<TcpStream>(std::move(ends.client));
            reset(ends.server);
            (void)stream->socket().wait_readable(patience); // the reset has come
            *stream << "a nadie";
            const Short memory(allocation, all_after);
            stream.reset(); // would call std::terminate
        }
    }
    CHECK(true);
}

TEST_CASE("sockets close, and nothing ends the program, when memory runs out under the trace") {
    std::ostringstream out;
    for (long allocation = 1; allocation <= 8; ++allocation) {
        std::optional<Connection> ends = patient_connection();
        const NativeHandle handle = ends->client.native_handle();
        trace_to(&out);
        {
            const Short memory(allocation, true);
            ends.reset();
        }
        trace_to(nullptr);
        int type = 0;
        socklen_t size = sizeof type;
        CHECK(detail::get_option(handle, SOL_SOCKET, SO_TYPE, &type, &size) != 0);
    }
}
