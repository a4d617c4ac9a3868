// The number in front of a datagram: what is one comes from a sender like ours, whatever else is none.

#include "../../examples/08_datagrams/round_trips.hpp"
#include "promise.hpp"

extern const std::vector<std::string> seeds;
const std::vector<std::string> seeds = {numbered(1, 64), numbered(2147483647, 0), "0 ", "-1 ", "17",
                                        "17x",           "99999999999 "};

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto number = number_of(text_of(data, size));
    promise(!number || *number >= 1);
    RoundTrips trips;
    trips.sent({});
    if (number) trips.returned(*number, {});
    promise(trips.returned() == (number == 1 ? 1 : 0));
    return 0;
}
