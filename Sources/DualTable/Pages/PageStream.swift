package import DynamoDBModel

/// A request for more of a stream.
package struct StreamRead: Sendable, Hashable {
  /// The key behind which to read; nil: from the beginning.
  package var start: Item?
  /// How many items to ask for; nil: as many as a page holds.
  package var limit: Int?

  package init(start: Item? = nil, limit: Int? = nil) {
    self.start = start
    self.limit = limit
  }
}

/// One of the two streams that a page is made of: what was read of it and has not been passed, and how it is read on.
///
/// It asks first for as many items as the caller's limit, so that the usual page costs what it cost without a migration. What a tombstone
/// or a shadowed item took up of them is asked for again, twice as many each time, so that a run of them is soon behind, and up to a bound, so
/// that one page's time and memory have one, too.
package struct PageStream<Element: Sendable>: Sendable {
  internal private(set) var elements: [Element] = []
  private var place = 0
  /// The key behind which the next request reads.
  package private(set) var start: Item?
  /// Requests that were answered.
  package private(set) var reads = 0
  /// True once all of the stream was read.
  package private(set) var isEnded: Bool
  /// True once a request ended at the service's 1 MB, or asked for the most: this page reads no more of the stream.
  private var isSpent = false
  private var limit: Int?
  internal static var mostAsked: Int { 1 << 14 }

  package init(start: Item? = nil, limit: Int? = nil, isEnded: Bool = false) {
    self.start = start
    self.limit = limit
    self.isEnded = isEnded
  }

  /// What comes next, of what was read.
  package var head: Element? { place < elements.count ? elements[place] : nil }

  /// Changes what comes next.
  package mutating func changeHead(_ change: (inout Element) -> Void) {
    if place < elements.count { change(&elements[place]) }
  }

  /// Passes what comes next.
  package mutating func pass() { place += 1 }

  /// What is to be done before the merge can go on.
  package var need: Need { head != nil || isEnded ? .nothing : isSpent ? .anotherPage : .read(StreamRead(start: start, limit: limit)) }

  package enum Need: Sendable, Hashable {
    case nothing
    case read(StreamRead)
    case anotherPage
  }

  /// Takes in what a request gave.
  ///
  /// - Parameters:
  ///   - count: items that the service looked at.
  ///   - last: where it ended; nil at the stream's end.
  package mutating func took(_ more: [Element], count: Int, last: Item?) {
    elements = more
    reads += 1
    place = 0
    start = last
    isEnded = last == nil
    isSpent = last != nil && count > 0 && limit.map { count < $0 || $0 >= Self.mostAsked } ?? true
    limit = limit.map { min($0 * 2, Self.mostAsked) }
  }

  /// Everything that was read and not passed.
  package var rest: ArraySlice<Element> { elements[min(place, elements.count)...] }

  /// Forgets what was read and not passed, to read it again from behind `start`.
  package mutating func reopen(behind start: Item?) {
    guard !elements.isEmpty || isEnded else { return }
    elements = []
    place = 0
    isEnded = false
    isSpent = false
    self.start = start
  }
}
