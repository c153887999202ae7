internal import CLibcrypto
internal import Glibc

/// What others may see of this process's memory, which holds keys and pages of items.
package enum ProcessMemory {
  /// Keeps what is freed, up to 64 MB, for what is needed next, instead of giving it back to the system and asking for it again.
  ///
  /// A page of a scan is a buffer of hundreds of kilobytes that lives for milliseconds: to have its memory mapped and zeroed anew each time
  /// took 6 % of a backfill in batches. For a whole program to decide, so no library calls it.
  package static func keepFreed() { clibcrypto_keep_freed() }

  /// Keeps it out of core dumps, and from other processes of the same user: no debugger attaches, and `/proc` shows neither memory nor
  /// environment. Read the own environment first.
  package static func hide() {
    var none = rlimit()
    // Both: the limit holds for programs that this one starts too, the flag also where dumps go to a program of the system's.
    unsafe setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
    _ = clibcrypto_make_undumpable()
  }
}
