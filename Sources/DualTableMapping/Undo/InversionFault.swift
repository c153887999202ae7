/// Why a part of a mapping can't be undone, and where the file says that part.
struct InversionFault: Error {
  let place: YAMLPlace
  let sentence: String
}
