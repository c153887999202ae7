import DynamoDBModel
import HTTPTransport

/// A block's templates, by number.
struct TemplateTable: Sendable {
  /// The text before a hole, and the slot that fills it; -1 where the template ends in text.
  struct Piece: BitwiseCopyable {
    let literal: ByteRange
    let slot: Int32
  }

  private struct Entry: BitwiseCopyable {
    let first: Int32
    let end: Int32
    let holes: Int32
  }

  private var entries: [Entry] = []
  private var pieces: [Piece] = []
  private var literals = ByteTable()

  /// Adds a template whose holes are filled from `slots`; returns its number.
  mutating func add(_ template: Template, slots: [Int]) -> Int {
    let first = pieces.count
    var literal = ""
    var holes = 0
    for piece in template.pieces {
      switch piece {
      case .literal(let text): literal = text
      case .hole:
        pieces.append(Piece(literal: literals.add(literal.utf8), slot: Int32(slots[holes])))
        literal = ""
        holes += 1
      }
    }
    if !literal.isEmpty { pieces.append(Piece(literal: literals.add(literal.utf8), slot: -1)) }
    entries.append(Entry(first: Int32(first), end: Int32(pieces.count), holes: Int32(holes)))
    return entries.count - 1
  }

  func pieces(_ number: Int) -> Range<Int> { Int(entries[number].first)..<Int(entries[number].end) }

  func piece(_ index: Int) -> Piece { pieces[index] }

  func appendLiteral(_ piece: Piece, to out: inout ByteBuffer) { literals.append(piece.literal, to: &out) }

  /// True if nothing in the holes can make the template ambiguous: only the last one ends where the text may go on.
  func isAlwaysUnambiguous(_ number: Int) -> Bool { entries[number].holes == 1 }

  /// True if parsing the filled template gives the holes' texts again, of which `ends` says where they end.
  ///
  /// A hole is read up to where the text behind it first stands; what closes the template is sought from its end and can't be mistaken.
  func isUnambiguous(_ number: Int, in text: Span<UInt8>, _ ends: borrowing Slab<Int32>) -> Bool {
    let range = pieces(number)
    var start = 0
    for index in range.dropLast() {
      start += pieces[index].literal.range.count
      let end = Int(ends[index - range.lowerBound])
      let next = pieces[index + 1]
      if next.slot >= 0, literals.firstPlace(of: next.literal, in: text, from: start) != end { return false }
      start = end
    }
    return true
  }

  /// Where hole number `hole` lies in `text`; nil if `text` doesn't fit the template.
  func range(_ number: Int, ofHole hole: Int, in text: Span<UInt8>) -> Range<Int>? {
    let range = pieces(number)
    var found: Range<Int>?
    var start = 0
    var isHoleOpen = false
    for index in range {
      let piece = pieces[index]
      let place: Int?
      if !isHoleOpen {
        place = literals.stands(piece.literal, in: text, at: start) ? start : nil
      } else if piece.slot < 0 {
        let last = text.count - piece.literal.range.count
        place = last >= start && literals.stands(piece.literal, in: text, at: last) ? last : nil
      } else {
        place = literals.firstPlace(of: piece.literal, in: text, from: start)
      }
      guard let place else { return nil }
      if isHoleOpen && index - 1 - range.lowerBound == hole { found = start..<place }
      start = place + piece.literal.range.count
      isHoleOpen = piece.slot >= 0
    }
    if isHoleOpen { return range.count - 1 == hole ? start..<text.count : found }
    return start == text.count ? found : nil
  }
}
