/* The explorer: GraphiQL under a bar with the signed-in account. The surprise: what it opens with (examples, the
 * operations of signing in, the nonce) stands in the page as data, so a changed contract needs no new build. */
import { setNonce } from 'get-nonce';
import { GraphiQL } from 'graphiql';
import 'graphiql/style.css';
import { createRoot } from 'react-dom/client';
import { Bar } from './bar.jsx';
import { fetcherAt } from './fetcher.js';
import './page.css';
import { Session } from './session.js';

const opening = JSON.parse(document.getElementById('opening').textContent);
// Dialogs add a style element of their own; the policy of the page lets only this nonce through.
setNonce(opening.nonce);

const endpoint = window.location.pathname;
const session = new Session(endpoint, opening.signing);

function Explorer() {
  return (
    <>
      <Bar session={session} />
      <main>
        <GraphiQL
          fetcher={fetcherAt(endpoint, session)}
          defaultTabs={opening.examples}
          defaultEditorToolsVisibility="variables"
          inputValueDeprecation
          schemaDescription
        >
          <GraphiQL.Logo>
            <span className="hint">示例在各标签页 · One tab of examples per role</span>
          </GraphiQL.Logo>
        </GraphiQL>
      </main>
    </>
  );
}

createRoot(document.getElementById('explorer')).render(<Explorer />);
