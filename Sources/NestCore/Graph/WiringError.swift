/// Everything that is wrong with an application's modules and handlers, found before any object is made.
public struct WiringError: Error, Sendable, Hashable, CustomStringConvertible {
    /// One sentence for each fault, in the order of the modules.
    public let problems: [String]

    /// An error about these faults.
    package init(_ problems: [String]) { self.problems = problems }

    /// How many faults there are, and each on a line of its own.
    public var description: String {
        let count = problems.count == 1 ? "1 problem" : "\(problems.count) problems"
        return "the application cannot be wired, \(count):" + problems.map { "\n- \($0)" }.joined()
    }
}
