/// The child of each container in which a path was found last, by where the container starts.
final class JSONPathMemo {
    var children: [Int: JSONPath.Child] = [:]
}
