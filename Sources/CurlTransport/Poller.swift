internal import CLibcurl
internal import Glibc

/// An epoll instance and the eventfd that wakes it.
struct Poller: ~Copyable {
  /// What a ready descriptor is known by: a number, how often the number was given out, and the descriptor.
  struct Token: Equatable {
    var index: Int
    var generation: Int
    var descriptor: Int32

    fileprivate var bits: UInt64 {
      UInt64(truncatingIfNeeded: index) & 0xF_FFFF | (UInt64(truncatingIfNeeded: generation) & 0xF_FFFF) << 20
        | UInt64(UInt32(bitPattern: descriptor)) << 40
    }

    fileprivate init(bits: UInt64) {
      index = Int(bits & 0xF_FFFF)
      generation = Int(bits >> 20 & 0xF_FFFF)
      descriptor = Int32(truncatingIfNeeded: bits >> 40)
    }

    init(index: Int, generation: Int, descriptor: Int32) {
      self.index = index
      self.generation = generation & 0xF_FFFF
      self.descriptor = descriptor
    }
  }

  static let longestBatch = 256
  private static let wakeBits = UInt64.max

  private let epoll: Int32
  private let wake: Int32
  private let events: UnsafeMutablePointer<epoll_event>
  private(set) var ready = 0
  /// True where `wake` was written to since the last wait.
  private(set) var isWoken = false

  /// Takes over `wake`, an eventfd.
  init(wake: Int32) {
    self.wake = wake
    epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
    events = .allocate(capacity: Self.longestBatch)
    precondition(epoll >= 0 && wake >= 0, "no descriptors left for an event loop")
    // Edge-triggered: each write is told once, so it need not be read back, which saves a system call a wake-up.
    var event = epoll_event(events: EPOLLIN.rawValue | EPOLLET.rawValue, data: epoll_data(u64: Self.wakeBits))
    unsafe epoll_ctl(epoll, EPOLL_CTL_ADD, wake, &event)
  }

  deinit {
    events.deallocate()
    close(epoll)
    close(wake)
  }

  /// Waits for at most `milliseconds`, for ever where that is negative.
  mutating func wait(milliseconds: Int32) {
    isWoken = false
    ready = unsafe max(0, Int(epoll_wait(epoll, events, Int32(Self.longestBatch), milliseconds)))
  }

  /// A descriptor and what it is ready for.
  struct Event {
    let token: Token
    let reads: Bool
    let writes: Bool
    /// True where the peer has said that nothing will follow.
    let hasEnded: Bool
  }

  /// What the ready descriptor number `index` is; nil for the eventfd, which is noted in `isWoken`.
  mutating func event(_ index: Int) -> Event? {
    precondition(index < ready)
    let event = unsafe events[index]
    if event.data.u64 == Self.wakeBits {
      isWoken = true
      return nil
    }
    let isTroubled = event.events & (EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0
    return Event(
      token: Token(bits: event.data.u64), reads: event.events & EPOLLIN.rawValue != 0 || isTroubled,
      writes: event.events & EPOLLOUT.rawValue != 0 || isTroubled, hasEnded: event.events & EPOLLRDHUP.rawValue != 0 || isTroubled)
  }

  /// Watches `descriptor` for what is asked for; for nothing where neither is.
  func watch(_ token: Token, reads: Bool, writes: Bool) {
    let wanted = (reads ? EPOLLIN.rawValue | EPOLLRDHUP.rawValue : 0) | (writes ? EPOLLOUT.rawValue : 0)
    var event = epoll_event(events: wanted, data: epoll_data(u64: token.bits))
    if wanted == 0 {
      // It may be closed already, which has taken it out.
      unsafe epoll_ctl(epoll, EPOLL_CTL_DEL, token.descriptor, &event)
    } else if unsafe epoll_ctl(epoll, EPOLL_CTL_ADD, token.descriptor, &event) != 0, errno == EEXIST {
      unsafe epoll_ctl(epoll, EPOLL_CTL_MOD, token.descriptor, &event)
    }
  }
}
