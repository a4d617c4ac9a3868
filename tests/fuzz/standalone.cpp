// Gives a fuzz target many inputs without a fuzzer: its seeds, cut, changed and glued in every way that a fixed
// sequence of random numbers finds. `./dev fuzz` has libFuzzer do it, for as long as one likes.

#include <cstdint>
#include <cstdio>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
extern const std::vector<std::string> seeds;

namespace {

using Random = std::minstd_rand;

// 0 to below the limit.
std::size_t below(std::size_t limit, Random& random) { return random() % limit; }

char any_byte(Random& random) {
    static const std::string favourites("\0\r\n :/%\xff", 8);
    if (below(4, random) == 0) return favourites[below(favourites.size(), random)];
    return static_cast<char>(below(256, random));
}

std::string changed(std::string input, Random& random) {
    for (std::size_t changes = below(6, random); changes > 0; --changes) {
        const std::size_t at = input.empty() ? 0 : below(input.size(), random);
        switch (below(5, random)) {
        case 0: input.insert(at, 1, any_byte(random)); break;
        case 1: input.erase(at, below(8, random)); break;
        case 2: input.insert(at, input.substr(below(input.size() + 1, random), below(64, random))); break;
        case 3: input += seeds[below(seeds.size(), random)]; break;
        default:
            if (!input.empty()) input[at] = any_byte(random);
        }
    }
    return input;
}

} // namespace

int main() {
    Random random(1);
    constexpr int inputs = 100'000;
    for (int count = 0; count < inputs; ++count) {
        const std::string input = changed(seeds[below(seeds.size(), random)], random);
        LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
    }
    std::printf("%d inputs\n", inputs);
}
