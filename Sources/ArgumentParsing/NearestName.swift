/// The known name that `name` is most likely a slip of the hand for, nil if none is near.
///
/// Near is one slip in three characters, at least one, counted as characters put in, left out, changed, or swapped with their neighbor. A
/// name that begins with `name` is near too. The first of equally near ones wins.
package func nearestName(to name: String, in names: [String]) -> String? {
  let limit = max(1, name.count / 3)
  var best: (name: String, distance: Int)?
  for candidate in names {
    let distance = editDistance(name, candidate)
    if distance <= limit && distance < best?.distance ?? .max { best = (candidate, distance) }
  }
  return best?.name ?? (name.count < 2 ? nil : names.first { $0.hasPrefix(name) })
}

/// How many slips apart two names are.
func editDistance(_ first: String, _ second: String) -> Int {
  let rows = Array(first)
  let columns = Array(second)
  var beforeLast: [Int] = []
  var last = Array(0...columns.count)
  for row in rows.indices {
    var current = [row + 1]
    for column in columns.indices {
      var cost = min(current[column] + 1, last[column + 1] + 1, last[column] + (rows[row] == columns[column] ? 0 : 1))
      if row > 0 && column > 0 && rows[row] == columns[column - 1] && rows[row - 1] == columns[column] {
        cost = min(cost, beforeLast[column - 1] + 1)
      }
      current.append(cost)
    }
    beforeLast = last
    last = current
  }
  return last[columns.count]
}
