/// The name of `known` that someone who wrote `name` probably meant; nil if none is near.
///
/// Near is at most a third of the letters wrong, missing, added or swapped with their neighbour.
func nearestName(to name: String, in known: [String]) -> String? {
  let written = Array(name.lowercased().unicodeScalars.prefix(64))
  var best: (name: String, distance: Int)?
  for candidate in known {
    let letters = Array(candidate.lowercased().unicodeScalars)
    let limit = max(1, letters.count / 3)
    if abs(letters.count - written.count) > limit { continue }
    let distance = editDistance(written, letters)
    if distance <= limit, distance < best?.distance ?? .max { best = (candidate, distance) }
  }
  return best?.name
}

/// A sentence's end that names the nearest known name, or lists a short list of them.
func suggestion(for name: String, in known: [String]) -> String {
  if let nearest = nearestName(to: name, in: known) { return "; did you mean \(quoted(nearest))?" }
  return known.isEmpty || known.count > 16 ? "" : "; known are " + known.map(quoted).joined(separator: ", ")
}

/// Optimal string alignment distance.
private func editDistance(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar]) -> Int {
  if left.isEmpty || right.isEmpty { return max(left.count, right.count) }
  var beforeLast: [Int] = []
  var last = Array(0...right.count)
  for i in 1...left.count {
    var row = [i]
    for j in 1...right.count {
      let same = left[i - 1] == right[j - 1]
      var cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (same ? 0 : 1))
      if i > 1, j > 1, left[i - 1] == right[j - 2], left[i - 2] == right[j - 1] { cost = min(cost, beforeLast[j - 2] + 1) }
      row.append(cost)
    }
    beforeLast = last
    last = row
  }
  return last[right.count]
}
