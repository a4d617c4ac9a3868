// A postfix calculator (document 004): one message in, one answer out. It knows no socket.
// docs/guide/en/protocol.md is its specification.
#pragma once

#include <cmath>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "number.hpp"

class Calculator {
public:
    // OK, the result, or Fallo with the reason. A message that is refused changes nothing.
    std::string answer(std::string_view message) {
        try {
            return take(trimmed(message));
        } catch (const Refusal& reason) {
            return std::string("Fallo ") + reason.what();
        }
    }

private:
    struct Refusal : std::runtime_error {
        using std::runtime_error::runtime_error;
    };

    std::string take(std::string_view message) {
        if (message.empty()) throw Refusal("mensaje vacío");
        if (message == "C") {
            operands_.clear();
            return "OK";
        }
        if (const std::size_t wanted = operands_of(message)) {
            const double result = calculate(message, wanted);
            operands_.clear(); // the next transaction begins
            return number::show(result);
        }
        const double operand = operand_in(message);
        if (operands_.size() == 2) throw Refusal("ya hay dos operandos");
        operands_.push_back(operand);
        return "OK";
    }

    double calculate(std::string_view name, std::size_t wanted) const {
        if (operands_.size() < wanted) throw Refusal("faltan operandos");
        if (operands_.size() > wanted) throw Refusal("sobra un operando");
        const double result = apply(name, operands_.front(), operands_.back());
        if (!std::isfinite(result)) throw Refusal("desbordamiento");
        return result;
    }

    static double apply(std::string_view name, double a, double b) {
        if (name == "neg") return -a;
        if (name == "sqrt") return square_root(a);
        switch (name.front()) {
        case '+': return a + b;
        case '-': return a - b;
        case '*': return a * b;
        case '/': return quotient(a, b);
        default: return power(a, b);
        }
    }

    static double quotient(double a, double b) {
        if (b == 0) throw Refusal("división por cero");
        return a / b;
    }

    static double power(double a, double b) {
        if (a == 0 && b < 0) throw Refusal("división por cero"); // 0 ^ -1 is 1 / 0
        const double result = number::power(a, b);
        if (std::isnan(result)) throw Refusal("la potencia no es real"); // -8 ^ 0.5
        return result;
    }

    static double square_root(double a) {
        if (a < 0) throw Refusal("raíz de un negativo");
        return std::sqrt(a);
    }

    // How many operands the operator takes; 0: it is none.
    static std::size_t operands_of(std::string_view name) {
        if (name == "neg" || name == "sqrt") return 1;
        const bool one_of_them =
            name.size() == 1 && std::string_view("+-*/^").find(name) != std::string_view::npos;
        return one_of_them ? 2 : 0;
    }

    static double operand_in(std::string_view text) {
        const char* const not_finite = "el número no es finito";
        if (number::is_infinity_or_nan(text)) throw Refusal(not_finite);
        if (!number::is_decimal(text)) throw Refusal("no es un número ni un operador");
        const double operand = number::read(text);
        if (!std::isfinite(operand)) throw Refusal(not_finite); // 1e999
        return operand;
    }

    static std::string_view trimmed(std::string_view text) {
        const std::size_t first = text.find_first_not_of(" \t\r");
        if (first == std::string_view::npos) return {};
        return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
    }

    std::vector<double> operands_; // of this transaction: two at most
};
