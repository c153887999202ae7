internal import DynamoDBModel

/// Cuts the dead letters of one checkpoint into parts that items of the control table hold.
enum LetterParts {
  /// Bytes of a part; an item holds 400 KB with its key.
  static let partSize = 350_000
  /// Bytes of all parts of a checkpoint; a transaction holds 4 MB.
  static let mostBytes = 3_500_000

  /// Members of a line that give way, the largest first. Keys and reason always stay, and a redrive needs no more.
  private static let dispensable: [Set<String>] = [["item"], ["item", "message", "path", "found", "rule"]]

  /// The parts, each of whole lines. What doesn't fit goes without the items themselves, and then without what is told of the cause.
  static func parts(of lines: [UInt8]) -> [[UInt8]] {
    if lines.isEmpty { return [] }
    let lines = lines.split(separator: 0x0A).map { $0.count >= partSize ? without(dispensable[0], Array($0)) : Array($0) }
    var kept = lines
    for names in dispensable where kept.reduce(0, { $0 + $1.count + 1 }) > mostBytes { kept = lines.map { without(names, $0) } }
    var parts: [[UInt8]] = [[]]
    for line in kept {
      if parts[parts.count - 1].count + line.count + 1 > partSize { parts.append([]) }
      parts[parts.count - 1] += line
      parts[parts.count - 1].append(0x0A)
    }
    return parts
  }

  /// The line without the members of these names.
  private static func without(_ names: Set<String>, _ line: [UInt8]) -> [UInt8] {
    var kept: [UInt8] = [UInt8(ascii: "{")]
    do throws(DynamoDBModelError) {
      var members = try JSONObjectReader(line.span)
      while let name = try members.next(line.span) {
        let value = try members.skip(line.span)
        if names.contains(String(decoding: line[name], as: UTF8.self)) { continue }
        if kept.count > 1 { kept.append(UInt8(ascii: ",")) }
        kept += [UInt8(ascii: "\"")] + line[name] + Array("\":".utf8) + line[value]
      }
    } catch {
      return line
    }
    return kept + [UInt8(ascii: "}")]
  }
}
