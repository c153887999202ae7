internal import CLibcurl
internal import Glibc
internal import Synchronization

/// What other threads leave for one that waits in a poller, and the eventfd that wakes it.
struct Inbox<Message: Sendable>: ~Copyable, Sendable {
  /// The eventfd; the poller that it is given to closes it.
  let wake = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
  private let messages = Mutex<[Message]>([])

  /// Leaves `message`, and wakes the thread unless something was waiting already: then it is awake or about to be.
  func post(_ message: Message) {
    let wasEmpty = messages.withLock { messages in
      messages.append(message)
      return messages.count == 1
    }
    if wasEmpty { eventfd_write(wake, 1) }
  }

  /// Swaps all that was left with the empty `spare`, so that neither's memory is lost.
  func take(into spare: inout [Message]) { messages.withLock { swap(&$0, &spare) } }

  /// Starts the thread that will take the messages, and hands `identity` over before it runs: the thread waits for the lock first of all.
  func start(named name: String, identity: (pthread_t) -> Void, _ run: @escaping @Sendable () -> Void) {
    messages.withLock { _ in identity(startThread(named: name, run)) }
  }

  /// Waits until `start` is through.
  func awaitStart() { messages.withLock { _ in } }
}
