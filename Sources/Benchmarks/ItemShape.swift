/// A kind of item in wire form, with the id that makes each one its own.
struct ItemShape {
  /// For machines, as in `codec.users.decode`.
  let name: String
  /// For people.
  let title: String
  let mapping: String
  let item: String
  /// The least that decoding, and decoding, converting and encoding, may be of SHA-256's rate.
  var goals: (decode: Double, convert: Double)?

  static let all = [users, orders, tiny, large, foreign]

  /// What the mapping touches, a little more, and a text.
  static let users = ItemShape(
    name: "users", title: "730-byte items", mapping: "users.yaml",
    item: filled(
      user + #","plan":{"S":"family"},"note":{"S":""#, to: Workload.itemBytes,
      with: "Prefers to be written to in the morning; two deliveries came back in spring. "),
    goals: (2.5, 1.5))

  /// Eight lines in a list, each of which the mapping goes through; it makes two items of one.
  static let orders = ItemShape(
    name: "orders", title: "orders of 8 lines", mapping: "orders.yaml",
    item: #"{"orderId":{"S":"\#(Workload.id)"},"customerId":{"S":"c-4711-0815"},"placed":{"N":"1700000000123"},"state":{"S":"sent"},"#
      + #""total":{"N":"214.65"},"address":{"M":{"street":{"S":"Lindenstrasse 18"},"city":{"S":"Hannover"},"zip":{"S":"30159"}}},"#
      + #""lines":{"L":["#
      + (1...8).map { #"{"M":{"sku":{"S":"A-1002\#($0)"},"qty":{"S":"\#($0)"},"price":{"N":"\#($0 * 3).95"}}}"# }.joined(separator: ",")
      + "]}}",
    goals: (1, 0.4))

  /// Nothing but small values: what a codec likes least.
  static let tiny = ItemShape(
    name: "tiny", title: "730 bytes of small values", mapping: "users.yaml",
    item: filled(
      user + #","roles":{"SS":["author","reader"]},"logins":{"N":"1842"},"recent":{"L":[{"N":"17"},{"N":"4"},{"N":"251"}]},"#
        + (1...9).map { #""f\#($0)":{"N":"\#($0)"},"g\#($0)":{"BOOL":true},"# }.joined() + #""note":{"S":""#,
      to: Workload.itemBytes, with: "-"))

  /// Mostly text.
  static let large = ItemShape(
    name: "large", title: "4 KB items", mapping: "users.yaml",
    item: filled(
      user + #","plan":{"S":"family"},"note":{"S":""#, to: 4_096,
      with: "Prefers to be written to in the morning; two deliveries came back in spring. "))

  /// Text that is mostly not ASCII.
  static let foreign = ItemShape(
    name: "foreign", title: "730 bytes, not ASCII", mapping: "users.yaml",
    item: filled(
      user + #","plan":{"S":"семейный"},"note":{"S":""#, to: Workload.itemBytes,
      with: "Предпочитает письма по утрам; весной две посылки вернулись. "))

  private static let user =
    #"{"id":{"S":"\#(Workload.id)"},"profile":{"M":{"email":{"S":"margarete.schneider@example.com"},"age":{"S":"37"},"#
    + #""created":{"N":"1589372042"},"name":{"S":"Margarete Schneider"},"language":{"S":"de-DE"}}},"expires":{"N":"1924992000"},"#
    + #""enabled":{"S":"Y"},"phone":{"S":"+49 511 1234567"}"#

  /// `start`, which ends within a string, followed by as much text as makes an item of `bytes` (blanks where a character is too long).
  private static func filled(_ start: String, to bytes: Int, with filler: String) -> String {
    let end = #""}}"#
    var item = start
    var rest = filler[...]
    while item.utf8.count + (rest.first ?? " ").utf8.count + end.utf8.count <= bytes {
      if rest.isEmpty { rest = filler[...] }
      item.append(rest.removeFirst())
    }
    return item + String(repeating: " ", count: bytes - item.utf8.count - end.utf8.count) + end
  }
}
