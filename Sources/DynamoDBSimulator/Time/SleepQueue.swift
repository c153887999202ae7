/// Who sleeps until when: a heap by deadline, and first come first woken within one.
struct SleepQueue {
  private struct Entry {
    let deadline: Int64
    let id: Int

    static func < (left: Entry, right: Entry) -> Bool { (left.deadline, left.id) < (right.deadline, right.id) }
  }

  private var heap: [Entry] = []
  /// Those that sleep. An entry of the heap whose sleeper was cancelled has none here.
  private var continuations: [Int: UnsafeContinuation<Void, any Error>] = [:]
  /// Sleepers that were cancelled before they lay down.
  private var cancelled: Set<Int> = []
  private var lastID = 0

  mutating func makeID() -> Int {
    lastID += 1
    return lastID
  }

  /// Lays a sleeper down; false if it was cancelled already.
  mutating func add(_ id: Int, until deadline: Int64, _ continuation: UnsafeContinuation<Void, any Error>) -> Bool {
    guard cancelled.remove(id) == nil else { return false }
    continuations[id] = continuation
    heap.append(Entry(deadline: deadline, id: id))
    var child = heap.count - 1
    while child > 0, case let parent = (child - 1) / 2, heap[child] < heap[parent] {
      heap.swapAt(child, parent)
      child = parent
    }
    return true
  }

  /// The continuation of a sleeper to be told that it was cancelled; nil if it doesn't sleep (yet, or any more).
  mutating func cancel(_ id: Int) -> UnsafeContinuation<Void, any Error>? {
    if let continuation = continuations.removeValue(forKey: id) { return continuation }
    // The race: the handler runs before the sleeper lies down. One that has been woken is remembered in vain, which costs a number.
    cancelled.insert(id)
    return nil
  }

  /// When the next one is to be woken.
  var next: Int64? {
    mutating get {
      while let first = heap.first, continuations[first.id] == nil { removeFirst() }
      return heap.first?.deadline
    }
  }

  /// Takes all that are to be woken at `moment` or before.
  mutating func wake(at moment: Int64) -> [UnsafeContinuation<Void, any Error>] {
    var woken: [UnsafeContinuation<Void, any Error>] = []
    while let first = heap.first, first.deadline <= moment {
      removeFirst()
      if let continuation = continuations.removeValue(forKey: first.id) { woken.append(continuation) }
    }
    return woken
  }

  private mutating func removeFirst() {
    heap.swapAt(0, heap.count - 1)
    heap.removeLast()
    var parent = 0
    while case let child = 2 * parent + 1, child < heap.count {
      let smaller = child + 1 < heap.count && heap[child + 1] < heap[child] ? child + 1 : child
      guard heap[smaller] < heap[parent] else { return }
      heap.swapAt(smaller, parent)
      parent = smaller
    }
  }
}
