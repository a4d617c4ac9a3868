// A step is understood or refused with a word; a text that is escaped comes back the same.

#include <vector>

#include "../../examples/talk/steps.hpp"
#include "promise.hpp"

extern const std::vector<std::string> seeds;
const std::vector<std::string> seeds = {"send hola\\n",
                                        "line OK",
                                        "hex 13 89",
                                        "bytes a\\x0ab",
                                        "pieces 3 hola",
                                        "pause 0.5",
                                        "expect-hex 6f 6b",
                                        "expect-line",
                                        "expect-end",
                                        "silence 1",
                                        "end",
                                        "reset",
                                        "use B",
                                        "pieces 0 x",
                                        "pause 1.2345",
                                        "send a\\",
                                        "hex 1",
                                        "expect \\q",
                                        "pieces 9999999"};

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string line(text_of(data, size));
    std::string escaped;
    for (const char byte : line)
        escaped += byte == '\\' ? "\\\\" : byte == '\0' ? "\\0" : std::string(1, byte);
    promise(unescaped(escaped) == line);
    try {
        const Step step = step_of(line);
        promise(step.text.size() <= line.size() + 1 && step.piece < 1'000'000);
        promise(step.time.count() >= 0 && step.time < std::chrono::seconds(10'000));
    } catch (const NoStep& why) {
        promise(*why.what() != '\0');
    }
    return 0;
}
