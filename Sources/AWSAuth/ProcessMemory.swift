internal import CLibcrypto
internal import Glibc

/// What others may see of this process's memory, which holds keys and pages of items.
package enum ProcessMemory {
  /// Keeps it out of core dumps, and from other processes of the same user: no debugger attaches, and `/proc` shows neither memory nor
  /// environment. Read the own environment first.
  package static func hide() {
    var none = rlimit()
    // Both: the limit holds for programs that this one starts too, the flag also where dumps go to a program of the system's.
    unsafe setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
    _ = clibcrypto_make_undumpable()
  }
}
