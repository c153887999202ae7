/// Cuts input that comes in pieces into lines, and holds no more of a line than an item can have.
struct InputLines {
  enum Line: Equatable {
    /// Without its end.
    case bytes([UInt8])
    case tooLong
  }

  /// Bytes a line may have: an item of 400 KB has under 3 MB even with every character escaped.
  static let longest = 4 << 20

  private let input: @Sendable () throws(CommandError) -> [UInt8]
  private var pending: [UInt8] = []
  private var start = 0

  /// - Parameter input: gives the next bytes each time, none at the end.
  init(_ input: @escaping @Sendable () throws(CommandError) -> [UInt8]) { self.input = input }

  /// The next line; the last one may lack its end. Nil behind it.
  mutating func next() throws(CommandError) -> Line? {
    var searched = start
    var isTooLong = false
    while true {
      if let end = pending[searched...].firstIndex(of: UInt8(ascii: "\n")) {
        let line = pending[start..<end]
        start = end + 1
        return isTooLong || line.count > Self.longest ? .tooLong : .bytes(Array(line))
      }
      if pending.count - start > Self.longest {
        isTooLong = true
        start = pending.count
      }
      pending.removeFirst(start)
      start = 0
      searched = pending.count
      let more = try input()
      if more.isEmpty {
        defer { pending.removeAll() }
        return isTooLong ? .tooLong : pending.isEmpty ? nil : .bytes(pending)
      }
      pending += more
    }
  }
}
