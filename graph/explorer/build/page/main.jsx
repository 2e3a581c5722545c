/* The explorer: GraphiQL under a bar with the signed-in account. The surprise: what it opens with (examples, the
 * operations of signing in, the nonce) stands in the page as data, so a changed contract needs no new build. */
import { setNonce } from 'get-nonce';
import { GraphiQL } from 'graphiql';
import 'graphiql/style.css';
import { useMemo, useSyncExternalStore } from 'react';
import { createRoot } from 'react-dom/client';
import { Bar } from './bar.jsx';
import { fetcherAt } from './fetcher.js';
import './page.css';
import { Session } from './session.js';

const opening = JSON.parse(document.getElementById('opening').textContent);
// Dialogs add a style element of their own; the policy of the page lets only this nonce through.
setNonce(opening.nonce);

const endpoint = window.location.pathname;
// GraphiQL fills the variables of every tab but the one in front; on later visits it restores its own.
const isFirstVisit = localStorage.getItem('graphiql:tabState') === null;
const session = new Session(endpoint, opening.signing);

function Explorer() {
  const token = useSyncExternalStore(session.subscribe, session.snapshot)?.token;
  // GraphiQL reads the schema again when its fetcher is another one: an account may be shown what an anonymous is not.
  const fetcher = useMemo(() => fetcherAt(endpoint, session, opening.introspection), [token]);
  return (
    <>
      <Bar session={session} />
      <main>
        <GraphiQL
          fetcher={fetcher}
          defaultTabs={opening.examples}
          defaultQuery={'# 新的操作 · A new operation\n'}
          variables={isFirstVisit ? opening.examples[0].variables : undefined}
          defaultEditorToolsVisibility="variables"
          inputValueDeprecation
          schemaDescription
        >
          {/* Instead of GraphiQL's own: the bar already says what this is. */}
          <GraphiQL.Logo>{' '}</GraphiQL.Logo>
        </GraphiQL>
      </main>
    </>
  );
}

createRoot(document.getElementById('explorer')).render(<Explorer />);
