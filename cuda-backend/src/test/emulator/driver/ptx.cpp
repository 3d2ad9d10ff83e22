#include "ptx.h"

#include <cctype>
#include <map>
#include <stdexcept>

namespace emulator {
namespace {

// Splits into words and single punctuation marks, without comments.
std::vector<std::string> tokenize(const std::string& text) {
  std::vector<std::string> tokens;
  for (size_t i = 0; i < text.size();) {
    char c = text[i];
    if (isspace((unsigned char)c)) {
      i++;
    } else if (text.compare(i, 2, "//") == 0) {
      i = text.find('\n', i);
    } else if (text.compare(i, 2, "/*") == 0) {
      i = text.find("*/", i);
      i = i == std::string::npos ? i : i + 2;
    } else if (c == '"') {
      size_t end = text.find('"', i + 1);
      end = end == std::string::npos ? text.size() : end + 1;
      tokens.push_back(text.substr(i, end - i));
      i = end;
    } else {
      auto in_word = [](char d) {
        return isalnum((unsigned char)d) || d == '_' || d == '.' || d == '$' || d == '%';
      };
      size_t end = i + 1;
      while (in_word(c) && end < text.size() && in_word(text[end])) {
        end++;
      }
      tokens.push_back(text.substr(i, end - i));
      i = end;
    }
  }
  return tokens;
}

unsigned type_bytes(const std::string& type) {
  size_t digits = type.find_first_of("0123456789");
  return digits == std::string::npos ? 0 : (unsigned)std::stoul(type.substr(digits)) / 8;
}

class Parser {
 public:
  explicit Parser(const std::string& text) : tokens_(tokenize(text)) {}

  Ptx parse() {
    if (!more() || peek() != ".version") {
      throw std::runtime_error("Missing .version directive at start of file");
    }
    while (more()) {
      std::string token = take();
      if (token == ".version") {
        ptx_.version = version(take());
      } else if (token == ".target") {
        target(take());
      } else if (token == ".entry") {
        entry();
      } else if (token == ".shared") {
        auto [name, bytes] = variable();
        shared_[name] = bytes;
      } else if (token == "{") {
        skip_body(nullptr);
      }
    }
    if (ptx_.target == 0) {
      throw std::runtime_error("Missing .target directive");
    }
    return std::move(ptx_);
  }

 private:
  bool more() const { return next_ < tokens_.size(); }

  const std::string& peek() const {
    if (!more()) {
      throw std::runtime_error("Unexpected end of file");
    }
    return tokens_[next_];
  }

  std::string take() {
    std::string token = peek();
    next_++;
    return token;
  }

  unsigned number() {
    std::string token = take();
    try {
      return (unsigned)std::stoul(token, nullptr, 0);
    } catch (const std::logic_error&) {
      throw std::runtime_error("Parsing error near '" + token + "': not a number");
    }
  }

  static int version(const std::string& token) {
    size_t dot = token.find('.');
    if (dot == std::string::npos) {
      throw std::runtime_error("Parsing error near '" + token + "'");
    }
    return std::stoi(token.substr(0, dot)) * 10 + std::stoi(token.substr(dot + 1));
  }

  void target(const std::string& token) {
    if (token.compare(0, 3, "sm_") != 0) {
      throw std::runtime_error("Unsupported .target '" + token + "'");
    }
    ptx_.target_name = token;
    ptx_.target = std::stoi(token.substr(3));
    ptx_.exact_target = token.back() == 'a';
  }

  // The rest of a declaration: alignment, type, name, length.
  std::pair<std::string, unsigned> variable() {
    unsigned element = 0;
    std::string name;
    unsigned count = 1;
    while (peek() != ";" && peek() != "," && peek() != ")") {
      std::string token = take();
      if (token == ".align") {
        number();
      } else if (token[0] == '.') {
        element = type_bytes(token) ? type_bytes(token) : element;
      } else if (token == "[") {
        // Without a length it is the dynamic part.
        count = peek() == "]" ? 0 : count * number();
        take();
      } else {
        name = token;
      }
    }
    return {name, element * count};
  }

  void entry() {
    PtxEntry entry;
    entry.name = take();
    if (peek() == "(") {
      take();
      while (peek() != ")") {
        if (take() == ".param") {
          entry.parameter_bytes.push_back(variable().second);
        }
      }
      take();
    }
    while (peek() != "{" && peek() != ";") {
      std::string token = take();
      if (token == ".maxntid" || token == ".reqntid") {
        entry.max_threads = number();
        while (peek() == ",") {
          take();
          entry.max_threads *= number();
        }
      }
    }
    if (take() == "{") {
      skip_body(&entry);
    }
    ptx_.entries.push_back(std::move(entry));
  }

  // Counts the shared memory that a body declares, or that it names of the file's.
  void skip_body(PtxEntry* entry) {
    std::map<std::string, unsigned> seen;
    for (int depth = 1; depth > 0;) {
      std::string token = take();
      depth += token == "{" ? 1 : token == "}" ? -1 : 0;
      if (token == ".shared") {
        seen.insert(variable());
      } else if (auto found = shared_.find(token); found != shared_.end()) {
        seen.insert(*found);
      }
    }
    for (auto& [name, bytes] : seen) {
      if (entry) {
        entry->static_shared_bytes += bytes;
      }
    }
  }

  std::vector<std::string> tokens_;
  size_t next_ = 0;
  Ptx ptx_;
  std::map<std::string, unsigned> shared_;
};

}  // namespace

Ptx parse_ptx(const std::string& text) { return Parser(text).parse(); }

}  // namespace emulator
