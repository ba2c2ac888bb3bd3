import Nest

@main enum Caller {
    static func main() async throws {
        let client = try ClientProxy(.tcp(port: 4000))
        let greeting: String = try await client.send("hello", "world")
        print(greeting)
        await client.close()
    }
}
