// Memory that is wiped as it is given back, for as long as one of these lives and on the thread where it lives: what
// libraries do with a secret in their own buffers is not ours to clean up otherwise. The program's operator new and
// delete are replaced for it (wiped_memory.cc); other threads and other times pay a test of a flag for each delete.
#pragma once

namespace vedette::control {

class WipedMemory {
 public:
  WipedMemory();
  ~WipedMemory();
  WipedMemory(const WipedMemory&) = delete;
  WipedMemory& operator=(const WipedMemory&) = delete;

 private:
  bool before_;
};

}  // namespace vedette::control
