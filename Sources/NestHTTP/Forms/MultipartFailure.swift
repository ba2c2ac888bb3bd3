/// What is wrong with a multipart body.
enum MultipartFailure: Error, CustomStringConvertible {
    case tooManyParts(Int)
    case headTooLong(Int)
    case malformed(String)
    case incomplete

    var description: String {
        switch self {
        case .tooManyParts(let limit): "more than \(limit) parts"
        case .headTooLong(let limit): "a part's head is longer than \(limit) bytes"
        case .malformed(let why): why
        case .incomplete: "the body ends before its last boundary"
        }
    }
}
