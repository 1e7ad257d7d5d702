// Asks Graph with Microsoft's own client: pages, a batch, and a request that is told to come back later.

const graph = require("@microsoft/microsoft-graph-client");

const { BatchRequestContent, BatchResponseContent, Client, PageIterator } = graph;

async function main(told) {
    const client = Client.init({
        baseUrl: told.origin,
        defaultVersion: "v1.0",
        customHosts: new Set(["localhost"]),
        authProvider: (done) => done(null, told.token),
    });

    const names = [];
    const first = await client.api("/users").select("id,userPrincipalName").top(told.top).get();
    await new PageIterator(client, first, (user) => names.push(user.userPrincipalName)).iterate();

    // Of an address, what stands behind the host is asked for, below the version.
    const ask = (path, options) => new Request(`${told.origin}${path}`, options);
    const json = { "Content-Type": "application/json" };
    const group = { displayName: "By batch", mailEnabled: false, mailNickname: "bybatch", securityEnabled: true };
    const batches = [
        [
            { id: "1", request: ask(`/users/${names[0]}`) },
            { id: "2", request: ask("/users/nobody@kommun.test") },
            { id: "3", request: ask("/groups", { method: "POST", headers: json, body: JSON.stringify(group) }) },
        ],
        // Its author lets either none or all of them depend on another.
        [
            { id: "4", request: ask("/groups/nobody") },
            { id: "5", request: ask("/groups"), dependsOn: ["4"] },
        ],
    ];
    const parts = {};
    for (const batch of batches) {
        const content = await new BatchRequestContent(batch).getContent();
        const response = new BatchResponseContent(await client.api("/$batch").post(content));
        for (const { id } of batch) {
            const part = response.getResponseById(id);
            parts[id] = { status: part.status, body: await part.json() };
        }
    }

    const began = Date.now();
    const later = await client.api(`/users/${told.later}`).get();
    const waited = Date.now() - began;

    let refused;
    try {
        await client.api("/users").filter("accountEnabled ne true").get();
    } catch (error) {
        refused = { status: error.statusCode, code: error.code, body: JSON.parse(error.body) };
    }
    return { names, parts, later, waited, refused };
}

let text = "";
process.stdin.on("data", (piece) => (text += piece));
process.stdin.on("end", async () => process.stdout.write(JSON.stringify(await main(JSON.parse(text)))));
