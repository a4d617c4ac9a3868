// system_words: what the C library that our programs run with says of an errno. Python's own may be another one.
//
//   system_words <number>

#include <iostream>
#include <string>
#include <system_error>

int main(int argc, char** argv) {
    if (argc != 2) return 2;
    std::cout << std::system_category().message(std::stoi(argv[1])) << '\n';
}
