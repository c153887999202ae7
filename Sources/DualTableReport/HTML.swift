/// A piece of a page. Text can only enter it escaped: what a literal says is markup, what is interpolated into it is not.
///
///     let cell: HTML = "<td>\(table.name)</td>"
///
/// A literal is one of the source's: no string that was read, computed or joined can pass for one.
struct HTML: Sendable, ExpressibleByStringInterpolation {
  /// What the page says.
  private(set) var markup: String

  init(stringLiteral literal: StaticString) { markup = "\(literal)" }

  init(stringInterpolation interpolation: Interpolation) { markup = interpolation.markup }

  /// The pieces, one behind the other.
  init(_ pieces: some Sequence<HTML>) { markup = pieces.map(\.markup).joined() }

  static func + (left: HTML, right: HTML) -> HTML { HTML([left, right]) }

  struct Interpolation: StringInterpolationProtocol {
    fileprivate var markup = ""

    init(literalCapacity: Int, interpolationCount: Int) { markup.reserveCapacity(literalCapacity + 16 * interpolationCount) }

    mutating func appendLiteral(_ literal: StaticString) { markup += "\(literal)" }

    /// Escaped, for text and for attributes in double quotes.
    mutating func appendInterpolation(_ text: String) { HTML.escape(text, into: &markup) }

    mutating func appendInterpolation(_ number: Int) { markup += String(number) }

    mutating func appendInterpolation(_ piece: HTML) { markup += piece.markup }

    mutating func appendInterpolation(_ pieces: [HTML]) { for piece in pieces { markup += piece.markup } }
  }

  /// What a browser would take for markup becomes text, and what it would not show, or by which it would show the rest in another order,
  /// becomes its number.
  private static func escape(_ text: String, into markup: inout String) {
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": markup += "&amp;"
      case "<": markup += "&lt;"
      case ">": markup += "&gt;"
      case "\"": markup += "&quot;"
      case "'": markup += "&#39;"
      case _ where isHidden(scalar): markup += "[U+\(String(scalar.value, radix: 16, uppercase: true))]"
      default: markup.unicodeScalars.append(scalar)
      }
    }
  }

  private static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control: scalar != "\n" && scalar != "\t"
    case .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned: true
    default: false
    }
  }
}
