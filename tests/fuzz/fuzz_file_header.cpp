// What a stranger puts in front of a file: a name that is taken stays in the folder, on every system.

#include <filesystem>
#include <vector>

#include "../../examples/11_file/crc32.hpp"
#include "../../examples/11_file/file_header.hpp"
#include "promise.hpp"

extern const std::vector<std::string> seeds;
const std::vector<std::string> seeds = {
    FileHeader{"foto.png", 12345}.bytes(), FileHeader{"../x", ~std::uint64_t(0)}.bytes(),
    FileHeader{"nul.txt", 0}.bytes(),      FileHeader{"\xc3\xb1.txt", 1}.bytes(),
    FileHeader{"a:b", 1}.bytes(),          FileHeader{"COM1 .x", 1}.bytes()};

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes = text_of(data, size);
    if (bytes.size() < FileHeader::fixed_size) return 0;
    const std::string name(bytes.substr(FileHeader::fixed_size));
    promise(file_size_of(FileHeader{name, file_size_of(bytes)}.bytes()) == file_size_of(bytes));
    if (refusal(name)) return 0;
    const auto path = std::filesystem::path("folder") / name;
    promise(path.lexically_normal() == path && path.parent_path() == "folder" && path.filename() == name);
    promise(name.find_first_of("/\\:") == std::string::npos && !is_device(name) && is_utf8(name));
    promise(name_size_of(FileHeader{name, 1}.bytes()) == name.size());
    Crc32 whole;
    Crc32 halves;
    whole.add(name);
    halves.add(name.substr(0, name.size() / 2));
    halves.add(name.substr(name.size() / 2));
    promise(whole.value() == halves.value());
    return 0;
}
