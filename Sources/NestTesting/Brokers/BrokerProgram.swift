/// How a broker is run as a child process.
public struct BrokerProgram: Sendable {
    /// The program, looked up in `PATH`.
    public var executable: String
    /// What it is called with.
    public var arguments: [String]
    /// Variables it gets beside ours.
    public var environment: [String: String]
    /// Files that are written into its folder before it starts, by name.
    public var files: [String: String]
    /// A line of its output that holds this text says that it serves.
    public var readyLine: String

    /// A program. In arguments and files `{folder}` stands for the broker's folder.
    public init(
        _ executable: String, arguments: [String] = [], environment: [String: String] = [:],
        files: [String: String] = [:], readyLine: String
    ) {
        self.executable = executable
        self.arguments = arguments
        self.environment = environment
        self.files = files
        self.readyLine = readyLine
    }
}
